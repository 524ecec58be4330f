{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set through = built_through() %}

with decision_days as (
    select
        event_on,
        cause
    from {{ ref('affected_decision_days') }}
    where _batch > {{ through }}
),

-- A verdict belongs to the day of the decision, whenever the audit came in.
changed_audits as (
    select
        event_on,
        'audits' as cause
    from {{ ref('base_moderation__decisions') }}
    where
        decision_id in (
            select decision_id from {{ landed_base('quality', 'audits') }}
            where _batch > {{ through }}
            union
            select decision_id from {{ landed_log('quality', 'audits') }}
            where _batch > {{ through }}
            union
            -- A cause that was added to the seed, or taken out, is judged again.
            select decision_id from {{ landed_base('quality', 'audits') }}
            where
                root_cause_code in (
                    select row_key from {{ ref('log_references') }}
                    where reference = 'root_causes' and _batch > {{ through }}
                )
        )
),

affected as (
    select * from decision_days
    union all
    select * from changed_audits
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
