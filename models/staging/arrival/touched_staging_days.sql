{{ config(materialized='incremental', incremental_strategy='append') }}

-- Days of which a staged table may hold other rows than before: by its log, by a code that its contract now lists, and
-- by a decision that its task has made impossible.

{%- set through = built_through() %}

with relisted as (
    select row_key
    from {{ ref('log_references') }}
    where reference = 'contract' and _batch > {{ through }}
),

touched as (
    {% for source_name, table_name in staged_table_pairs() -%}
    select
        {{ counted_on(source_name, table_name, is_log=true) }} as event_on,
        '{{ table_name }}' as cause
    from {{ ref('log_' ~ source_name ~ '__' ~ table_name) }}
    where
        _batch > {{ through }}
        or '{{ source_name }}.{{ table_name }}' in (select relisted.row_key from relisted)
    union all
    {% endfor -%}
    select
        event_on,
        'decisions'
    from {{ ref('touched_decision_days') }}
    where _batch > {{ through }}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from touched
where event_on is not null
