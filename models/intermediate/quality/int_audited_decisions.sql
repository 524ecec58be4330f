-- The audited among int_decisions, picked before anything is joined to them: they are few.
with audited as (
    select decisions.*
    from {{ ref('stg_moderation__decisions') }} as decisions
    semi join {{ ref('stg_quality__audits') }} as audits on decisions.decision_id = audits.decision_id
),

decisions as (
    {{ decisions_in_context('audited') }}
)

select * from decisions
