-- As many rows as queues with expected settings and days since the first change: small enough to be rebuilt.
with daily as (
    select
        queue_id,
        setting,
        status,
        cast({{ days_between('valid_from', 'valid_to') }} as date) as reporting_on
    from {{ ref('int_configuration_checks') }}
)

select
    queue_id,
    {%- for status in ['correct', 'missing', 'wrong', 'late'] %}
    count(*) filter (where status = '{{ status }}') as settings_{{ status }},
    {%- endfor %}
    count(*) as settings_expected,
    reporting_on
from daily
group by queue_id, reporting_on
