{{ config(materialized='incremental', incremental_strategy='touched_days') }}

with samples as (
    select * from {{ ref('stg_exposure__view_samples') }}
    where {{ in_touched_days(ref('touched_exposure_days')) }}
),

markets as (
    select market from {{ ref('markets') }}
),

policies as (
    select distinct policy_code from {{ ref('policies') }}
),

judged as (
    select
        case
            when not samples.is_violative then '(none)'
            when samples.policy_code is null then '(none)'
            else coalesce(policies.policy_code, '(unmapped)')
        end as policy_code,
        coalesce(markets.market, '(unmapped)') as market,
        samples.is_violative,
        cast(1 / samples.inclusion_probability as decimal(18, 6)) as weight,
        samples.event_on
    from samples
    left join markets on samples.market = markets.market
    left join policies on samples.policy_code = policies.policy_code
    -- A view that nobody reviewed says nothing.
    where samples.is_violative is not null
)

select
    policy_code,
    market,
    count(*) as sampled_views,
    count(*) filter (where is_violative) as violative_sampled_views,
    cast(sum(weight) as decimal(28, 6)) as view_weight,
    cast(coalesce(sum(weight) filter (where is_violative), 0) as decimal(28, 6)) as violative_view_weight,
    event_on,
    {{ batch() }} as _batch
from judged
group by policy_code, market, event_on
