{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

with samples as (
    select * from {{ ref('stg_exposure__view_samples') }}
    where {{ in_affected_days(ref('affected_exposure_days')) }}
),

judged as (
    select
        case
            when is_violative then coalesce(policy_code, '(none)')
            else '(none)'
        end as policy_code,
        coalesce(market, '(unmapped)') as market,
        is_violative,
        cast(1 / inclusion_probability as decimal(18, 6)) as weight,
        event_on
    from samples
    -- A view that nobody reviewed says nothing.
    where is_violative is not null
)

select
    policy_code,
    market,
    count(*) as sampled_views,
    count(*) filter (where is_violative) as violative_sampled_views,
    cast(sum(weight) as decimal(28, 6)) as view_weight,
    cast(coalesce(sum(weight) filter (where is_violative), 0) as decimal(28, 6)) as violative_view_weight,
    cast(sum(cast(weight as decimal(28, 6)) * weight) as decimal(38, 12)) as squared_view_weight,
    event_on,
    {{ batch() }} as _batch
from judged
group by policy_code, market, event_on
