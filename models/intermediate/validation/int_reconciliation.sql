{{ config(materialized='table') }}

-- One row per landed file: what it holds, and what became of each row. Staged is counted in staging itself.
with files as (
    select * from {{ ref('stg_landing__files') }}
),

verdicts as (
    {% for source_name, table_name in staged_table_pairs() -%}
    {%- set log_relation = ref('log_' ~ source_name ~ '__' ~ table_name) -%}
    select
        _file as landed_file,
        'quarantined' as status,
        sum(row_count) as row_count
    from {{ log_relation }}
    where entry = 'read' and status = 'quarantined'
    group by _file
    union all
    -- A row that lost is named again when a later arrival changes to whom it lost; the last word holds.
    select
        _file,
        status,
        count(*)
    from (
        select
            _file,
            _row,
            max_by(status, _batch) as status
        from {{ log_relation }}
        where entry = 'lost'
        group by _file, _row
    ) as lost
    group by _file, status
    union all
    select
        _file,
        'staged',
        count(*)
    from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
    group by _file
    union all
    {% endfor -%}
    select
        _file,
        'quarantined',
        count(*)
    from {{ ref('impossible_moderation__decisions') }}
    group by _file
),

by_file as (
    select
        landed_file,
        sum(row_count) filter (where status = 'quarantined') as quarantined,
        sum(row_count) filter (where status = 'duplicate') as duplicate,
        sum(row_count) filter (where status = 'superseded') as superseded,
        sum(row_count) filter (where status = 'staged') as staged
    from verdicts
    group by landed_file
),

final as (
    select
        files.source_table,
        files.landed_file,
        files.source_file,
        files.mapping,
        files.rows_to_account_for,
        files.rejected,
        files.filtered,
        cast(coalesce(by_file.quarantined, 0) as bigint) as quarantined,
        cast(coalesce(by_file.duplicate, 0) as bigint) as duplicate,
        cast(coalesce(by_file.superseded, 0) as bigint) as superseded,
        cast(coalesce(by_file.staged, 0) as bigint) as staged,
        files.landed_on
    from files
    left join by_file on files.landed_file = by_file.landed_file
    union all
    select
        source_table,
        coalesce(rejected_file, source_file),
        source_file,
        mapping,
        rows_to_account_for,
        rejected,
        filtered,
        0,
        0,
        0,
        0,
        landed_on
    from {{ ref('stg_landing__rejections') }}
)

select
    *,
    -- Null for tables that nobody reads: landed, and waiting for a model.
    case
        when
            source_table in (
                {%- for source_name, table_name in staged_table_pairs() %}
                '{{ source_name }}.{{ table_name }}'{{ ',' if not loop.last }}
                {%- endfor %}
            )
            then rows_to_account_for = rejected + filtered + quarantined + duplicate + superseded + staged
    end as is_balanced
from final
