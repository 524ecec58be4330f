-- One row per change of a setting: from what to what, by whom, and whether that is what the queue should have.
with changes as (
    select
        *,
        lag(value) over (partition by queue_id, setting order by changed_at) as former_value
    from {{ ref('stg_moderation__queue_configurations') }}
),

expected as (
    select
        queue_id,
        setting,
        expected_value,
        valid_from,
        coalesce(valid_to, {{ forever() }}) as valid_to
    from {{ ref('expected_settings') }}
)

select
    changes.queue_id,
    changes.setting,
    changes.former_value,
    changes.value as set_value,
    expected.expected_value,
    people.person_key as changed_by_key,
    changes.value = expected.expected_value as is_as_expected,
    changes.changed_at,
    changes.event_on as changed_on
from changes
left join {{ ref('int_people') }} as people on changes.changed_by = people.person_id
{{ as_of_join(
    'expected', 'expected', 'changes.queue_id = expected.queue_id and changes.setting = expected.setting',
    'changes.event_on'
) }}
