{{ config(materialized='table') }}

with ratings as (
    select * from {{ ref('int_calibration_ratings') }}
    where not is_reference and label is not null
),

counted as (
    select
        session_id,
        coalesce(policy_version, '(none)') as policy_version,
        label,
        rating_round,
        count(*) as ratings,
        count(distinct rater_key) as raters
    from ratings
    group by session_id, coalesce(policy_version, '(none)'), label, rating_round
)

select
    session_id,
    policy_version,
    label,
    cast(rating_round as bigint) as rating_round,
    cast(ratings as bigint) as ratings,
    cast(raters as bigint) as raters,
    cast(ratings as double) / sum(ratings) over (partition by session_id, policy_version, rating_round) as share,
    {{ build_id() }} as build_id
from counted
