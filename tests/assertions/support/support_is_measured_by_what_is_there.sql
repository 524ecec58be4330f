{{ config(severity='warn', meta={'owner': 'support-insights'}) }}

-- What support is measured by and is not there, each with what to do.
-- The instrument that `csat_instrument` names asked nobody, so that csat has no value: name one of those that did.
select
    'csat_instrument' as setting,
    instrument as name,
    'is an instrument that asked, and the one that is set did not: name it in dbt_project.yml' as problem
from {{ ref('int_satisfaction_requests') }}
where
    {{ literal(var('csat_instrument')) }} not in (
        select asked.instrument from {{ ref('int_satisfaction_requests') }} as asked
    )
group by instrument
union all
-- The tool has deleted the last opening of the support schedule: tickets have no business time since.
select
    'support_schedule_id',
    schedule_id,
    'opens no more since ' || cast(max(valid_until_at) as varchar) || ': name another in dbt_project.yml'
from {{ ref('int_schedule_openings') }}
where schedule_id = {{ literal(var('support_schedule_id')) }}
group by schedule_id
having max(valid_until_at) < {{ end_of_time() }}
union all
-- Neither IANA's nor in the seed: such a schedule opens nothing.
select distinct
    'time_zone_aliases',
    schedules.time_zone,
    'is no time zone, of schedule ' || schedules.schedule_id || ': add it to the seed time_zone_aliases'
from ({{ landed_openings() }}) as schedules
anti join {{ ref('time_zone_aliases') }} as aliases on schedules.time_zone = aliases.alias
anti join {{ time_zone_names() }} as zones on schedules.time_zone = zones.name
