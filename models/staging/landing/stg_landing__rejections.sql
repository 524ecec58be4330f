-- Calls of `plumbline land` whose every row of a table was rejected: no Parquet landed, so no file tells of them.
select
    source_table,
    source_file,
    mapping,
    cast(rows_read * branches as bigint) as rows_to_account_for,
    cast(rejected as bigint) as rejected,
    rejected_file,
    {{ landed_on('rejected_file') }} as landed_on
from (
    {{ ledger_rows() }}
) as ledger
where landed_file is null and rejected_file is not null
