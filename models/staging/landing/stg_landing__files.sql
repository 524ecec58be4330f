{{ config(materialized='incremental', incremental_strategy='append') }}

-- Counted from the files themselves and from the ledger, not from what staging made of them: the other side of the sum.
{%- set root = landing_root() %}
{%- set files = unseen_landed_files() if execute else [] %}

with found as (
    {% if files -%}
    select
        substr(file_name, {{ root | length + 2 }}) as landed_file,
        num_rows as rows_in_file
    from parquet_file_metadata([{{ path_literals(files) }}])
    {%- else -%}
    select
        cast(null as varchar) as landed_file,
        cast(null as bigint) as rows_in_file
    where false
    {%- endif %}
),

ledger as (
    {{ ledger_rows() }}
),

final as (
    select
        split_part(found.landed_file, '/', 1) || '.' || split_part(found.landed_file, '/', 2) as source_table,
        found.landed_file,
        coalesce(ledger.source_file, found.landed_file) as source_file,
        ledger.mapping,
        cast(found.rows_in_file as bigint) as rows_in_file,
        cast(coalesce(ledger.rows_read * ledger.branches, found.rows_in_file) as bigint) as rows_to_account_for,
        cast(coalesce(ledger.rejected, 0) as bigint) as rejected,
        cast(coalesce(ledger.filtered, 0) as bigint) as filtered,
        {{ landed_on('found.landed_file') }} as landed_on,
        {{ batch() }} as _batch
    from found
    left join ledger on found.landed_file = ledger.landed_file
)

select * from final
