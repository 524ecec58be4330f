-- One row per change of a setting: from what to what, by whom, and whether that is what the queue should have.
with set_values as (
    select
        queue_id,
        setting,
        -- Null or empty: removed.
        nullif(value, '') as value,
        changed_by,
        changed_at,
        event_on
    from {{ ref('stg_moderation__queue_configurations') }}
),

changes as (
    select
        *,
        lag(value) over (partition by queue_id, setting order by changed_at) as former_value
    from set_values
)

select
    changes.queue_id,
    changes.setting,
    changes.former_value,
    changes.value as set_value,
    expected.expected_value,
    people.person_key as changed_by_key,
    case
        when expected.expected_value is not null then coalesce(changes.value = expected.expected_value, false)
    end as is_as_expected,
    changes.changed_at,
    changes.event_on as changed_on
from changes
left join {{ ref('int_people') }} as people on changes.changed_by = people.person_id
{{ as_of_join(
    ref('int_expected_settings'), 'expected', 'changes.queue_id = expected.queue_id and changes.setting = expected.setting',
    'changes.event_on'
) }}
