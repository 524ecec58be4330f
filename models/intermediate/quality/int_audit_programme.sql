{%- set counts = [
    'audited_decisions', 'drawn_decisions', 'targeted_decisions', 'done_decisions', 'unauditable_decisions',
    'unresolved_decisions', 'disputed_decisions', 'accepted_disputes', 'open_disputes', 'settled_disputes',
    'timed_disputes',
] %}

{{ config(materialized='table') }}

with frames as (
    select * from {{ ref('stg_quality__audit_frames') }}
),

-- What was audited outside any frame, and in frames that nobody announced, by the week of its decisions.
progress as (
    select
        progress.*,
        frames.frame_id is not null as is_planned,
        case
            when frames.frame_id is not null then frames.period_start
            else cast(date_trunc('week', progress.event_on) as date)
        end as period_start
    from {{ ref('int_audit_progress_daily') }} as progress
    left join frames on progress.frame_id = frames.frame_id and progress.stratum = frames.stratum
),

summed as (
    select
        frame_id,
        stratum,
        is_planned,
        {%- for name in counts %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        sum(represented_weight) as represented_weight,
        sum(lag_seconds) as lag_seconds,
        sum(dispute_seconds) as dispute_seconds,
        min(oldest_dispute_raised_at) as oldest_dispute_raised_at,
        {{ people_at_least(union_of_people('people_bits')) }} as people_at_least,
        period_start
    from progress
    group by frame_id, stratum, is_planned, period_start
),

united as (
    select
        coalesce(frames.frame_id, summed.frame_id) as frame_id,
        coalesce(frames.stratum, summed.stratum) as stratum,
        frames.population_count,
        frames.planned_n,
        summed.* exclude (frame_id, stratum, is_planned, period_start),
        coalesce(frames.period_start, summed.period_start) as period_start,
        coalesce(frames.period_end, summed.period_start + 6) as period_end
    from frames
    full outer join summed
        on frames.frame_id = summed.frame_id and frames.stratum = summed.stratum and summed.is_planned
),

final as (
    select
        united.frame_id,
        united.stratum,
        united.population_count,
        united.planned_n,
        {%- for name in counts %}
        coalesce(united.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        -- What is audited over the plan in one stratum does not make up for another.
        case when united.period_end < as_of.as_of_day then united.planned_n end as due_audits,
        case
            when united.period_end < as_of.as_of_day and united.planned_n is not null
                then least(coalesce(united.done_decisions, 0), united.planned_n)
        end as due_audits_done,
        united.represented_weight,
        united.lag_seconds,
        united.dispute_seconds,
        coalesce(united.people_at_least, 0) as people_at_least,
        as_of.as_of_day - {{ reporting_day('united.oldest_dispute_raised_at') }} as oldest_dispute_days,
        united.period_end < as_of.as_of_day as is_period_over,
        united.period_start,
        united.period_end
    from united
    cross join {{ ref('int_as_of') }} as as_of
)

select * from final
