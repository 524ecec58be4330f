{{ config(materialized='incremental', incremental_strategy='append') }}

-- Days of which a staged table may hold other rows than before: by its log, by a code that its contract or the seed
-- that knows it now lists, and by a decision that its task has made impossible.

{%- set through = built_through() %}

with relisted as (
    select case when reference = 'contract' then row_key else reference end as list
    from {{ ref('log_references') }}
    where _batch > {{ through }}
),

affected as (
    {% for source_name, table_name in landed_tables() -%}
    select
        {{ counted_on(source_name, table_name, is_log=true) }} as event_on,
        '{{ table_name }}' as cause
    from {{ landed_log(source_name, table_name) }}
    where
        _batch > {{ through }}
        {%- for list in lists_of_codes(source_name, table_name) %}
        or '{{ list }}' in (select relisted.list from relisted)
        {%- endfor %}
    union all
    {% endfor -%}
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
