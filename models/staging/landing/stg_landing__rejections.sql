-- Calls of `plumbline land` of which no row of a table landed, so that no landed file tells of them.
select
    source_table,
    source_file,
    mapping,
    rows_read * branches as rows_to_account_for,
    rejected,
    filtered,
    rejected_file,
    landed_on
from {{ source('landing', 'ledger') }}
where landed_file is null
