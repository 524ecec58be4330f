-- What the references say of an item, where they say one thing.
select
    session_id,
    item_id,
    rating_round,
    min(label) as reference_label
from {{ ref('int_calibration_ratings') }}
where is_reference
group by session_id, item_id, rating_round
having count(distinct label) = 1
