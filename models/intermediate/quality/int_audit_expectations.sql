-- What the next plan starts from: of each stratum of the last frame that is over, its size and plan, and the share of
-- errors that drawn audits first found in it over the last eight weeks: what auditors will find, before disputes. Of a
-- window, so that a run costs the same whatever the history.
with frames as (
    select
        *,
        max(period_start) over () as last_period_start
    from {{ ref('int_audit_programme') }}
    where is_period_over and population_count > 0 and planned_n is not null
),

recent as (
    select
        verdicts.stratum,
        count(judged.initial_cell) as audits,
        cast(
            sum(case when judged.initial_cell in ('false_positive', 'false_negative') then judged.weight end) as double
        ) / nullif(
            cast(sum(case when judged.initial_cell is not null then judged.weight end) as double), 0
        ) as error_share,
        bool_or(judged.is_in_matrix) as has_accuracy
    from {{ ref('int_verdicts') }} as verdicts
    inner join {{ ref('int_judged_decisions') }} as judged
        on verdicts.decision_id = judged.decision_id and verdicts.event_on = judged.event_on
    cross join {{ ref('int_as_of') }} as as_of
    where
        verdicts.event_on >= as_of.as_of_day - 56
        and judged.event_on >= as_of.as_of_day - 56
        and verdicts.sample_design in ('random', 'stratified')
    group by verdicts.stratum
)

select
    frames.frame_id,
    frames.stratum,
    cast(frames.population_count as bigint) as population_count,
    -- A plan for more than there is cannot be carried out.
    cast(least(frames.planned_n, frames.population_count) as bigint) as current_n,
    cast(coalesce(recent.audits, 0) as bigint) as audits,
    coalesce(recent.error_share, 0) as error_share
from frames
left join recent on frames.stratum = recent.stratum
where
    frames.period_start = frames.last_period_start
    -- Of a stratum that nobody audited yet anything may come; one of escalations has no accuracy.
    and coalesce(recent.has_accuracy, true)
