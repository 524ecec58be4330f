{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('int_configuration_daily') }}
),

changes as (
    select
        queue_id,
        changed_on as reporting_on,
        count(*) as setting_changes,
        count(*) filter (where not is_as_expected) as unexpected_changes
    from {{ ref('int_configuration_changes') }}
    group by queue_id, changed_on
)

select
    checked.queue_id,
    cast(checked.settings_expected as bigint) as settings_expected,
    {%- for status in ['correct', 'missing', 'wrong', 'late'] %}
    cast(checked.settings_{{ status }} as bigint) as settings_{{ status }},
    {%- endfor %}
    cast(coalesce(changes.setting_changes, 0) as bigint) as setting_changes,
    cast(coalesce(changes.unexpected_changes, 0) as bigint) as unexpected_changes,
    cast(checked.settings_expected - checked.settings_missing as double) / checked.settings_expected
        as configuration_completeness,
    cast(checked.settings_correct as double) / checked.settings_expected as configuration_accuracy,
    checked.reporting_on,
    {{ build_id() }} as build_id
from checked
left join changes on checked.queue_id = changes.queue_id and checked.reporting_on = changes.reporting_on
