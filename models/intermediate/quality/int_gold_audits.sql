-- How well auditors see, by items whose answer is known.
select
    cast(sum(gold_violative_items) as bigint) as gold_violative_items,
    cast(sum(gold_violative_items_found) as bigint) as gold_violative_items_found,
    cast(sum(gold_innocent_items) as bigint) as gold_innocent_items,
    cast(sum(gold_innocent_items_found) as bigint) as gold_innocent_items_found
from {{ ref('int_verdicts_daily') }}
