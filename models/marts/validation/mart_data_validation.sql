{{ config(materialized='table') }}

-- One row per table, landed file, status and reason; a table of which nothing landed has one row that says so.
with reconciliation as (
    select * from {{ ref('int_reconciliation') }}
),

counts as (
    select
        source_table,
        landed_file,
        status,
        reason,
        sum(row_count) as row_count
    from {{ ref('int_row_counts') }}
    group by source_table, landed_file, status, reason
),

tables as (
    {% for source_name, table_name in staged_table_pairs() -%}
    select '{{ source_name }}.{{ table_name }}' as source_table
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

unmapped as (
    {% for code in ['policies', 'queues', 'markets', 'languages', 'moderators'] -%}
    select
        'moderation.decisions' as source_table,
        '{{ code }}' as reason,
        sum(unmapped_{{ code }}) as row_count
    from {{ ref('int_decisions_daily') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

entries as (
    {% for status in ['rows_to_account_for', 'rejected', 'filtered', 'duplicate', 'superseded', 'staged'] -%}
    select
        source_table,
        landed_file,
        source_file,
        '{{ 'read' if status == 'rows_to_account_for' else status }}' as status,
        cast(null as varchar) as reason,
        {{ status }} as row_count,
        is_balanced,
        landed_on
    from reconciliation
    {% if status != 'rows_to_account_for' %}where {{ status }} > 0{% endif %}
    union all
    {% endfor -%}
    select
        reconciliation.source_table,
        reconciliation.landed_file,
        reconciliation.source_file,
        'quarantined',
        counts.reason,
        counts.row_count,
        reconciliation.is_balanced,
        reconciliation.landed_on
    from reconciliation
    inner join counts on reconciliation.landed_file = counts.landed_file and counts.status = 'quarantined'
    union all
    select
        source_table,
        null,
        null,
        'unmapped',
        reason,
        row_count,
        null,
        null
    from unmapped
    where row_count > 0
    union all
    select
        source_table,
        null,
        null,
        'unmapped',
        reason,
        sum(row_count),
        null,
        null
    from counts
    where status = 'unmapped'
    group by source_table, reason
    union all
    -- What was reported before and says something else since: rows that came late, and rows that replaced others.
    select
        counts.source_table,
        counts.landed_file,
        reconciliation.source_file,
        'restated',
        counts.reason,
        counts.row_count,
        null,
        reconciliation.landed_on
    from (
        select
            source_table,
            landed_file,
            case when status = 'staged' then 'late' else 'replaced' end as reason,
            sum(row_count) as row_count
        from {{ ref('int_row_counts') }}
        left join {{ ref('int_freshness') }} as freshness using (source_table)
        where
            status = 'superseded'
            or (status = 'staged' and event_on < {{ landed_on('landed_file') }} - freshness.fresh_within_days)
        group by source_table, landed_file, case when status = 'staged' then 'late' else 'replaced' end
    ) as counts
    inner join reconciliation on counts.landed_file = reconciliation.landed_file
    union all
    select
        source_table,
        null,
        null,
        'days_behind',
        coalesce('allowed: ' || cast(fresh_within_days as varchar), 'allowed: any'),
        days_behind,
        null,
        last_landed_on
    from {{ ref('int_freshness') }}
    union all
    select
        source_table,
        null,
        null,
        'nothing_landed',
        'no file, or none that counts',
        0,
        null,
        null
    from tables
    where source_table not in (select reconciliation.source_table from reconciliation)
    union all
    select
        source_table,
        null,
        null,
        'nothing_staged',
        'every row was rejected or quarantined, or the files are empty',
        0,
        null,
        null
    from reconciliation
    group by source_table
    having sum(staged) = 0
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
