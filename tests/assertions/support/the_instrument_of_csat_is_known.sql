{{ config(severity='warn', meta={'owner': 'support-insights'}) }}

-- The instruments that asked for satisfaction, where the one that `csat_instrument` names asked nobody, so that csat
-- has no value: name one of these in dbt_project.yml.
select
    instrument,
    count(*) as satisfaction_asked
from {{ ref('int_satisfaction_requests') }}
where
    {{ literal(var('csat_instrument')) }} not in (
        select asked.instrument from {{ ref('int_satisfaction_requests') }} as asked
    )
group by instrument
