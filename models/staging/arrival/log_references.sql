{{ config(materialized='incremental', incremental_strategy='append') }}

with current_rows as (
    {{ reference_rows() }}
),

{% if is_incremental() %}
stored_rows as (
    select
        reference,
        row_key,
        max_by(content, _batch) as content,
        max_by(valid_from, _batch) as valid_from,
        max_by(valid_to, _batch) as valid_to
    from {{ this }}
    group by reference, row_key
),
{% else %}
stored_rows as (
    select * from current_rows
    where false
),
{% endif %}

changed as (
    select
        coalesce(now.reference, was.reference) as reference,
        coalesce(now.row_key, was.row_key) as row_key,
        coalesce(now.content, '(removed)') as content,
        coalesce(now.valid_from, was.valid_from) as valid_from,
        coalesce(now.valid_to, was.valid_to) as valid_to,
        least(coalesce(now.valid_from, was.valid_from), coalesce(was.valid_from, now.valid_from)) as touched_from,
        greatest(coalesce(now.valid_to, was.valid_to), coalesce(was.valid_to, now.valid_to)) as touched_to
    from current_rows as now
    full outer join stored_rows as was
        on now.reference = was.reference and now.row_key = was.row_key
    where coalesce(now.content, '(removed)') <> coalesce(was.content, '(new)')
)

select
    *,
    {{ batch() }} as _batch
from changed
