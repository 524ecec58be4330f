{{ config(severity='warn', meta={'owner': 'support-insights'}) }}

-- Schedules whose time zone is neither IANA's nor in the seed time_zone_aliases: they open nothing. Add the name there.
select distinct
    schedules.schedule_id,
    schedules.time_zone
from ({{ landed_openings() }}) as schedules
anti join {{ ref('time_zone_aliases') }} as aliases on schedules.time_zone = aliases.alias
anti join {{ time_zone_names() }} as zones on schedules.time_zone = zones.name
