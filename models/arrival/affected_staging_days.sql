{{ config(materialized='incremental', incremental_strategy='append') }}

-- Days of which a staged table may hold other rows than before: by its log, by a code that its contract or the seed
-- that knows it now lists, and by a decision that its task has made impossible.

{%- set through = built_through() %}

with codes (cause, list) as (
    values
    {%- for source_name, table_name in landed_tables() %}
    {%- set of_table = loop %}
    {%- for list in lists_of_codes(source_name, table_name) %}
    ('{{ table_name }}', '{{ list }}'){{ ',' if not (loop.last and of_table.last) }}
    {%- endfor %}
    {%- endfor %}
),

relisted as (
    select distinct codes.cause
    from {{ ref('log_references') }} as entries
    inner join codes
        on case when entries.reference = 'contract' then entries.row_key else entries.reference end = codes.list
    where entries._batch > {{ through }}
),

logs as (
    {% for source_name, table_name in landed_tables() -%}
    select
        {{ counted_on(source_name, table_name, is_log=true) }} as event_on,
        '{{ table_name }}' as cause,
        _batch
    from {{ landed_log(source_name, table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

affected as (
    select
        logs.event_on,
        logs.cause
    from logs
    left join relisted on logs.cause = relisted.cause
    where logs._batch > {{ through }} or relisted.cause is not null
    union all
    select
        event_on,
        'decisions'
    from {{ ref('affected_decision_days') }}
    where _batch > {{ through }}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
