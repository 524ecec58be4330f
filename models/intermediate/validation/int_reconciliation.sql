{{ config(materialized='table') }}

with files as (
    select * from {{ ref('stg_landing__files') }}
),

by_file as (
    select
        landed_file,
        sum(row_count) filter (where status = 'quarantined') as quarantined,
        sum(row_count) filter (where status = 'duplicate') as duplicate,
        sum(row_count) filter (where status = 'superseded') as superseded,
        sum(row_count) filter (where status = 'staged') as staged
    from {{ ref('int_row_counts') }}
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
    rows_to_account_for = rejected + filtered + quarantined + duplicate + superseded + staged as is_balanced
from final
