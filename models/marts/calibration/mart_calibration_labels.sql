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
),

-- The raters behind a share, and those behind one label: each count is published from the floor on.
raters as (
    select
        session_id,
        coalesce(policy_version, '(none)') as policy_version,
        rating_round,
        count(distinct rater_key) >= {{ var('minimum_people') }} as are_enough
    from ratings
    group by session_id, coalesce(policy_version, '(none)'), rating_round
)

select
    counted.session_id,
    counted.policy_version,
    counted.label,
    cast(counted.rating_round as bigint) as rating_round,
    cast(case when raters.are_enough then counted.ratings end as bigint) as ratings,
    cast(case when counted.raters >= {{ var('minimum_people') }} then counted.raters end as bigint) as raters,
    case
        when raters.are_enough
            then cast(counted.ratings as double) / sum(counted.ratings) over (
                partition by counted.session_id, counted.policy_version, counted.rating_round
            )
    end as share,
    {{ build_id() }} as build_id
from counted
inner join raters
    on
        counted.session_id = raters.session_id
        and counted.policy_version = raters.policy_version
        and counted.rating_round = raters.rating_round
