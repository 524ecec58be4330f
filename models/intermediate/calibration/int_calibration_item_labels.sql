-- All that agreement needs of the ratings: how often each item was given each label. Reference rows are not raters.
select
    session_id,
    item_id,
    label,
    rating_round,
    count(*) as ratings
from {{ ref('int_calibration_ratings') }}
where not is_reference and label is not null
group by session_id, item_id, label, rating_round
