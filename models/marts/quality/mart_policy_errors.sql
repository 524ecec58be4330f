-- Over 120 lines: a policy as suspected, decided and true, side by side.
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    group='people',
    access='private',
    meta={'day': 'week_starting_on', 'grain': 'week'},
) }}

-- Each policy against the rest: what was decided as it, and what is of it in truth, among all that was judged.
with verdicts as (
    select
        decided_policy_code,
        true_policy_code,
        market,
        vendor_id,
        final_true_positive_weight as found_weight,
        final_true_positive_weight + final_false_positive_weight as actioned_weight,
        final_true_positive_weight + final_false_negative_weight as violative_weight,
        final_true_positive_weight + final_false_positive_weight + final_false_negative_weight
        + final_true_negative_weight as judged_weight,
        final_true_positives + final_false_positives + final_false_negatives + final_true_negatives as judged_decisions,
        cast(date_trunc('week', event_on) as date) as week_starting_on
    from {{ ref('int_human_verdicts_daily') }}
    where {{ in_affected_days(ref('affected_verdict_days')) }}
),

cells as (
    select
        market,
        vendor_id,
        week_starting_on,
        sum(judged_decisions) as judged_decisions,
        sum(judged_weight) as judged_weight
    from verdicts
    group by market, vendor_id, week_starting_on
    having sum(judged_decisions) > 0
),

named as (
    select
        decided_policy_code as policy_code,
        market,
        vendor_id,
        week_starting_on,
        actioned_weight as decided_weight,
        case when decided_policy_code = true_policy_code then found_weight else 0 end as correct_weight,
        0 as true_weight
    from verdicts
    union all
    select
        true_policy_code,
        market,
        vendor_id,
        week_starting_on,
        0,
        0,
        violative_weight
    from verdicts
),

of_policies as (
    select
        policy_code,
        market,
        vendor_id,
        week_starting_on,
        sum(decided_weight) as decided_weight,
        sum(correct_weight) as correct_weight,
        sum(true_weight) as true_weight
    from named
    group by policy_code, market, vendor_id, week_starting_on
),

policies as (
    select distinct policy_code from {{ ref('int_policy_versions') }}
),

-- Of a cell in which nobody named a policy, all that was judged is truly not of it.
counted as (
    select
        policies.policy_code,
        cells.market,
        cells.vendor_id,
        cast(cells.judged_decisions as bigint) as judged_decisions,
        cast(coalesce(of_policies.correct_weight, 0) as decimal(18, 6)) as true_positive_weight,
        cast(coalesce(of_policies.decided_weight - of_policies.correct_weight, 0) as decimal(18, 6))
            as false_positive_weight,
        cast(coalesce(of_policies.true_weight - of_policies.correct_weight, 0) as decimal(18, 6))
            as false_negative_weight,
        cast(
            cells.judged_weight - coalesce(
                of_policies.decided_weight + of_policies.true_weight - of_policies.correct_weight, 0
            ) as decimal(18, 6)
        ) as true_negative_weight,
        cells.week_starting_on
    from cells
    cross join policies
    left join of_policies
        on
            policies.policy_code = of_policies.policy_code
            and cells.market = of_policies.market
            and cells.vendor_id = of_policies.vendor_id
            and cells.week_starting_on = of_policies.week_starting_on
)

select
    policy_code,
    market,
    vendor_id,
    judged_decisions,
    true_positive_weight,
    false_positive_weight,
    false_negative_weight,
    true_negative_weight,
    case
        when judged_decisions >= {{ var('minimum_audits') }}
            then cast(false_positive_weight as double) / nullif(
                cast(false_positive_weight + true_negative_weight as double), 0
            )
    end as false_positive_rate,
    week_starting_on,
    {{ build_id() }} as build_id,
    {{ batch() }} as _batch
from counted
