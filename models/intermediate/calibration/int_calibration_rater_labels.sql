-- How often each rater gave each label, which is what two raters agree on by chance.
select
    slice_type,
    slice,
    rater_key,
    label,
    rating_round,
    count(*) as ratings,
    period_start
from {{ ref('int_calibration_slices') }}
group by slice_type, slice, rater_key, label, rating_round, period_start
