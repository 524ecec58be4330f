-- The judged among int_decisions, picked before anything is joined to them: they are few.
with audited as (
    select decisions.*
    from {{ ref('stg_moderation__decisions') }} as decisions
    semi join {{ ref('int_verdicts') }} as verdicts
        on decisions.decision_id = verdicts.decision_id and decisions.event_on = verdicts.event_on
),

decisions as (
    {{ decisions_in_context('audited') }}
)

select * from decisions
