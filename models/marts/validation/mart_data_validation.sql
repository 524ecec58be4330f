-- Over 120 lines: every status that a landed row can have.
{{ config(materialized='table') }}

-- One row per table, landed file, status and reason; a table of which nothing landed has one row that says so.
with reconciliation as (
    select * from {{ ref('int_reconciliation') }}
),

row_counts as (
    select * from {{ ref('int_row_counts') }}
),

freshness as (
    select * from {{ ref('int_freshness') }}
),

tables as (
    {% for source_name, table_name in landed_tables() -%}
    select '{{ source_name }}.{{ table_name }}' as source_table
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What became of the rows of a landed file.
of_files as (
    select
        landed_file,
        status,
        reason,
        sum(row_count) as row_count
    from row_counts
    group by landed_file, status, reason
    union all
    -- What was reported before and says something else since: rows that came late, and rows that others replaced.
    select
        row_counts.landed_file,
        'restated',
        case when row_counts.status = 'staged' then 'late' else 'replaced' end,
        sum(row_counts.row_count)
    from row_counts
    left join freshness on row_counts.source_table = freshness.source_table
    where
        row_counts.status = 'superseded'
        or (
            row_counts.status = 'staged'
            and row_counts.event_on < {{ landed_on('row_counts.landed_file') }} - freshness.fresh_within_days
        )
    group by row_counts.landed_file, case when row_counts.status = 'staged' then 'late' else 'replaced' end
),

-- What can be said of a table only.
of_tables as (
    {% for code in ['policies', 'queues', 'markets', 'languages', 'moderators'] -%}
    select
        'moderation.decisions' as source_table,
        'unmapped' as status,
        '{{ code }}' as reason,
        sum(unmapped_{{ code }}) as row_count,
        cast(null as date) as landed_on
    from {{ ref('int_decisions_daily') }}
    having sum(unmapped_{{ code }}) > 0
    union all
    {% endfor -%}
    select
        source_table,
        'days_behind',
        coalesce('allowed: ' || cast(fresh_within_days as varchar), 'allowed: any'),
        days_behind,
        last_landed_on
    from freshness
    union all
    select
        tables.source_table,
        'nothing_landed',
        'no file, or none that counts',
        0,
        null
    from tables
    anti join reconciliation on tables.source_table = reconciliation.source_table
    union all
    select
        source_table,
        'nothing_staged',
        'every row was rejected or quarantined, or the files are empty',
        0,
        null
    from reconciliation
    group by source_table
    having sum(staged) = 0
),

entries as (
    {% for status, column in [('read', 'rows_to_account_for'), ('rejected', 'rejected'), ('filtered', 'filtered')] -%}
    select
        source_table,
        landed_file,
        source_file,
        '{{ status }}' as status,
        cast(null as varchar) as reason,
        {{ column }} as row_count,
        is_balanced,
        landed_on
    from reconciliation
    {% if status != 'read' %}where {{ column }} > 0{% endif %}
    union all
    {% endfor -%}
    select
        reconciliation.source_table,
        reconciliation.landed_file,
        reconciliation.source_file,
        of_files.status,
        of_files.reason,
        of_files.row_count,
        reconciliation.is_balanced,
        reconciliation.landed_on
    from of_files
    inner join reconciliation on of_files.landed_file = reconciliation.landed_file
    union all
    select
        source_table,
        null,
        null,
        status,
        reason,
        row_count,
        null,
        landed_on
    from of_tables
)

select
    source_table,
    landed_file,
    source_file,
    status,
    reason,
    cast(row_count as bigint) as row_count,
    is_balanced,
    landed_on,
    {{ build_id() }} as build_id
from entries
