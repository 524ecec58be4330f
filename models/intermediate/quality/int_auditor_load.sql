{{ config(materialized='table', group='people') }}

-- By auditor first, so that it can be told how evenly the load is spread; no auditor has a row here.
with weekly as (
    select
        auditor_key,
        auditor_type,
        sum(audits) as audits,
        sum(unauditable_audits) as unauditable_audits,
        sum(disputed_audits) as disputed_audits,
        sum(lost_disputes) as lost_disputes,
        cast(date_trunc('week', event_on) as date) as week_starting_on
    from {{ ref('int_auditor_days') }}
    group by auditor_key, auditor_type, week_starting_on
)

select
    auditor_type,
    count(*) as auditors,
    sum(audits) as audits,
    sum(audits * audits) as squared_audits,
    sum(unauditable_audits) as unauditable_audits,
    sum(disputed_audits) as disputed_audits,
    sum(lost_disputes) as lost_disputes,
    week_starting_on
from weekly
group by auditor_type, week_starting_on
