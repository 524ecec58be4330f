{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- Kept under the day of the decision, as the frames that audits are drawn from are.
{%- set affected = in_affected_days(ref('affected_verdict_days')) %}

with people as (
    select
        decision_id,
        {{ person_bit('moderator_key') }} as person_bit
    from {{ ref('int_judged_decisions') }}
    where {{ affected }}
),

affected_verdicts as (
    select * from {{ ref('int_verdicts') }}
    where {{ affected }}
),

verdicts as (
    select
        affected_verdicts.*,
        people.person_bit
    from affected_verdicts
    left join people on affected_verdicts.decision_id = people.decision_id
)

select
    coalesce(frame_id, '(none)') as frame_id,
    coalesce(stratum, '(none)') as stratum,
    count(*) as audited_decisions,
    count(*) filter (where sample_design <> 'targeted') as drawn_decisions,
    count(*) filter (where sample_design = 'targeted') as targeted_decisions,
    -- Who says to escalate has audited, though it is no verdict.
    count(*) filter (where said_audits > 0) as done_decisions,
    count(*) filter (where said_audits = 0) as unauditable_decisions,
    count(*) filter (where verdict_basis = 'unresolved') as unresolved_decisions,
    cast(coalesce(sum(weight), 0) as decimal(28, 6)) as represented_weight,
    cast(sum({{ seconds_between('decided_at', 'first_audited_at') }}) as decimal(28, 3)) as lag_seconds,
    count(*) filter (where is_disputed) as disputed_decisions,
    count(*) filter (where is_dispute_accepted) as accepted_disputes,
    count(*) filter (where is_provisional) as open_disputes,
    min(case when is_provisional then dispute_raised_at end) as oldest_dispute_raised_at,
    count(*) filter (where not is_provisional and is_dispute_settled) as settled_disputes,
    count(*) filter (
        where not is_provisional and is_dispute_settled and dispute_raised_at is not null
        and dispute_resolved_at is not null
    ) as timed_disputes,
    cast(coalesce(sum(
        case
            when not is_provisional and is_dispute_settled
                then {{ seconds_between('dispute_raised_at', 'dispute_resolved_at') }}
        end
    ), 0) as decimal(28, 3)) as dispute_seconds,
    -- Whose decisions were audited.
    {{ union_of_people('person_bit') }} as people_bits,
    event_on,
    {{ batch() }} as _batch
from verdicts
group by coalesce(frame_id, '(none)'), coalesce(stratum, '(none)'), event_on
