{{ config(group='people', access='private') }}

select
    rater_key,
    cast(ratings as bigint) as ratings,
    cast(stricter_ratings as bigint) as stricter_ratings,
    cast(milder_ratings as bigint) as milder_ratings,
    cast(estimate as double) as strictness_bias,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    lower > 0 as is_strict,
    upper < 0 as is_mild,
    cast(first_rated_on as date) as first_rated_on,
    cast(last_rated_on as date) as last_rated_on,
    {{ build_id() }} as build_id
from {{ ref('rater_strictness') }}
-- Of a person only what rests on enough.
where ratings >= {{ var('minimum_audits') }} and cast(last_rated_on as date) - cast(first_rated_on as date) >= 30
