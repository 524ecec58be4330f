-- What the same rater said of the same item in one round and in the next one.
with ratings as (
    select * from {{ ref('int_calibration_slices') }}
)

select
    later.slice_type,
    later.slice,
    earlier.label as earlier_label,
    later.label,
    later.rating_round,
    count(*) as ratings,
    later.period_start
from ratings as earlier
inner join ratings as later
    on
        earlier.slice_type = later.slice_type
        and earlier.slice = later.slice
        and earlier.item_id = later.item_id
        and earlier.rater_key = later.rater_key
        and earlier.rating_round + 1 = later.rating_round
group by later.slice_type, later.slice, earlier.label, later.label, later.rating_round, later.period_start
