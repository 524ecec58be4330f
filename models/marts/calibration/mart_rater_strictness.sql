{{ config(group='people', access='private') }}

select
    rater_key,
    cast(ratings as bigint) as ratings,
    cast(stricter_ratings as bigint) as stricter_ratings,
    cast(milder_ratings as bigint) as milder_ratings,
    cast(estimate as double) as strictness_bias,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    cast(p_value as double) as p_value,
    cast(adjusted_p_value as double) as adjusted_p_value,
    coalesce(adjusted_p_value < 0.05 and estimate > 0, false) as is_strict,
    coalesce(adjusted_p_value < 0.05 and estimate < 0, false) as is_mild,
    cast(first_rated_on as date) as first_rated_on,
    cast(last_rated_on as date) as last_rated_on,
    {{ build_id() }} as build_id
from {{ ref('rater_strictness') }}
