-- Counted from the files' own footers and from the ledger, not by staging: the other side of the sum.
with files as (
    select * from {{ source('landing', 'files') }}
    where not is_rejected
),

ledger as (
    select * from {{ source('landing', 'ledger') }}
),

final as (
    select
        files.source_table,
        files.landed_file,
        coalesce(ledger.source_file, files.landed_file) as source_file,
        ledger.mapping,
        files.row_count as rows_in_file,
        coalesce(ledger.rows_read * ledger.branches, files.row_count) as rows_to_account_for,
        coalesce(ledger.rejected, 0) as rejected,
        coalesce(ledger.filtered, 0) as filtered,
        files.landed_on,
        files._batch
    from files
    left join ledger on files.landed_file = ledger.landed_file
)

select * from final
