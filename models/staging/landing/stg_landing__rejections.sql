-- Calls of `plumbline land` of which no row of a table landed, so that no landed file tells of them.
select
    source_table,
    source_file,
    mapping,
    cast(rows_read * branches as bigint) as rows_to_account_for,
    cast(rejected as bigint) as rejected,
    cast(filtered as bigint) as filtered,
    rejected_file,
    landed_on
from (
    {{ ledger_rows() }}
) as ledger
where landed_file is null
