{{ config(meta={'owner': 'operations-analytics'}) }}

-- Every staged decision passes through the joins of int_decisions once: none is lost, none doubled. The roll-up has
-- seen them all, so it is counted instead of joining them again.
with staged as (
    select
        event_on,
        count(*) as decisions
    from {{ ref('stg_moderation__decisions') }}
    where {{ affected_in_this_run(ref('affected_decision_days'), 'event_on') }}
    group by event_on
),

rolled_up as (
    select
        event_on,
        sum(decisions) as decisions
    from {{ ref('int_decisions_daily') }}
    where {{ affected_in_this_run(ref('affected_decision_days'), 'event_on') }}
    group by event_on
)

select
    staged.decisions as staged_decisions,
    rolled_up.decisions as rolled_up_decisions,
    coalesce(staged.event_on, rolled_up.event_on) as event_on
from staged
full join rolled_up on staged.event_on = rolled_up.event_on
where staged.decisions is distinct from rolled_up.decisions
