{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- depends_on: {{ ref('languages') }}
-- depends_on: {{ ref('markets') }}
-- depends_on: {{ ref('policies') }}
-- depends_on: {{ ref('queues') }}

-- Staged and unmapped are counted in staging itself, the others in the logs, so that the sum can fail.

with counted as (
    {% for source_name, table_name in landed_tables() -%}
    {%- set log_relation = landed_log(source_name, table_name) -%}
    {%- set log_day = counted_on(source_name, table_name, is_log=true) -%}
    select
        '{{ source_name }}.{{ table_name }}' as source_table,
        _file as landed_file,
        'quarantined' as status,
        reasons as reason,
        row_count,
        {{ log_day }} as event_on
    from {{ log_relation }}
    where entry = 'read' and status = 'quarantined'
    union all
    -- A row that lost is named again when a later arrival changes to whom it lost; the last word holds.
    select
        '{{ source_name }}.{{ table_name }}',
        _file,
        status,
        null,
        1,
        event_on
    from (
        select
            _file,
            _row,
            max_by(status, _batch) as status,
            {{ log_day }} as event_on
        from {{ log_relation }}
        where entry = 'lost'
        group by all
    ) as lost
    union all
    select
        '{{ source_name }}.{{ table_name }}',
        landed_file,
        status,
        reason,
        row_count,
        event_on
    from (
        {{ staged_counts(source_name, table_name) }}
    ) as staged
    union all
    {% endfor -%}
    select
        'moderation.decisions',
        _file,
        'quarantined',
        reasons,
        1,
        event_on
    from {{ ref('impossible_moderation__decisions') }}
)

select
    source_table,
    landed_file,
    status,
    reason,
    cast(sum(row_count) as bigint) as row_count,
    event_on,
    {{ batch() }} as _batch
from counted
where row_count > 0 and {{ in_affected_days(ref('affected_staging_days')) }}
group by source_table, landed_file, status, reason, event_on
