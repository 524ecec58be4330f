{{ config(meta={'owner': 'analytics-engineering'}) }}

-- Files whose rows are not all rejected, quarantined, duplicate, superseded or staged.
select
    *,
    rows_to_account_for - rejected - quarantined - duplicate - superseded - staged as unaccounted
from {{ ref('int_reconciliation') }}
where not is_balanced
