{{ config(materialized='table') }}

-- One row per expected setting and period in which neither what is expected nor what is set changed. The value of a day
-- is that at its end. Nothing is judged before the first day of which any setting is known, and nothing ahead.
with changes as (
    select
        queue_id,
        setting,
        event_on as valid_from,
        -- Null or empty: removed.
        nullif({{ value_at_max('value', 'changed_at') }}, '') as value
    from {{ ref('stg_moderation__queue_configurations') }}
    group by queue_id, setting, event_on
),

known as (
    select
        min(changes.valid_from) as first_day,
        max(as_of.as_of_day) - 1 as last_day
    from changes
    cross join {{ ref('int_as_of') }} as as_of
),

settings as (
    select
        queue_id,
        setting,
        value,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by queue_id, setting order by valid_from) - 1, {{ forever() }}
        ) as valid_to
    from changes
),

expectations as (
    select
        expected.queue_id,
        expected.setting,
        expected.expected_value,
        lag(expected.expected_value) over (
            partition by expected.queue_id, expected.setting order by expected.valid_from
        ) as formerly_expected_value,
        expected.valid_from as expected_from,
        greatest(expected.valid_from, known.first_day) as valid_from,
        least(expected.valid_to, known.last_day) as valid_to
    from {{ ref('int_expected_settings') }} as expected
    -- greatest() and least() pass over a null: with nothing set, every day there is would be judged.
    inner join known on known.first_day is not null
),

starts as (
    select
        queue_id,
        setting,
        expected_from,
        valid_from
    from expectations
    where valid_from <= valid_to
    union
    select
        expectations.queue_id,
        expectations.setting,
        expectations.expected_from,
        settings.valid_from
    from expectations
    inner join settings
        on
            expectations.queue_id = settings.queue_id
            and expectations.setting = settings.setting
            and expectations.valid_from < settings.valid_from
            and expectations.valid_to >= settings.valid_from
),

periods as (
    select
        starts.queue_id,
        starts.setting,
        expectations.expected_value,
        expectations.formerly_expected_value,
        starts.valid_from,
        coalesce(
            lead(starts.valid_from) over (
                partition by starts.queue_id, starts.setting, starts.expected_from order by starts.valid_from
            ) - 1, expectations.valid_to
        ) as valid_to
    from starts
    inner join expectations
        on
            starts.queue_id = expectations.queue_id
            and starts.setting = expectations.setting
            and starts.expected_from = expectations.expected_from
)

select
    periods.queue_id,
    periods.setting,
    periods.expected_value,
    settings.value as set_value,
    case
        when settings.value is null then 'missing'
        when settings.value = periods.expected_value then 'correct'
        when settings.value = periods.formerly_expected_value then 'late'
        else 'wrong'
    end as status,
    periods.valid_from,
    periods.valid_to
from periods
{{ as_of_join(
    'settings', 'settings', 'periods.queue_id = settings.queue_id and periods.setting = settings.setting',
    'periods.valid_from'
) }}
