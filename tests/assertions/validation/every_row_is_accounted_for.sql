{{ config(meta={'owner': 'analytics-engineering'}) }}

-- Files whose rows are not all rejected, left out by their mapping, quarantined, duplicate, superseded or staged.
select
    source_table,
    landed_file,
    source_file,
    rows_to_account_for,
    rejected,
    filtered,
    quarantined,
    duplicate,
    superseded,
    staged,
    rows_to_account_for - rejected - filtered - quarantined - duplicate - superseded - staged as unaccounted,
    landed_on
from {{ ref('int_reconciliation') }}
where not is_balanced
