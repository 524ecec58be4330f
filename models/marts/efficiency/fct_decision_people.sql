{{ config(group='people', access='private') }}

select
    decisions.decision_id,
    case
        when decisions.automation_level = 'full' then '(automated)' else coalesce(people.person_key, '(unmapped)')
    end as moderator_key,
    decisions.event_on as decided_on
from {{ ref('stg_moderation__decisions') }} as decisions
left join {{ ref('int_people') }} as people on decisions.moderator_id = people.person_id
