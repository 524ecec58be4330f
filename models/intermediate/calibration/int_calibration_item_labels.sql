-- All that agreement needs of the ratings: how often each item was given each label.
select
    slice_type,
    slice,
    item_id,
    label,
    rating_round,
    count(*) as ratings,
    period_start
from {{ ref('int_calibration_slices') }}
group by slice_type, slice, item_id, label, rating_round, period_start
