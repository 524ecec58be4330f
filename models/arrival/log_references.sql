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

-- Codes that are known as they were, by some version. One that is new or gone changes events of any day: whether a code
-- is known does not depend on when it was in force.
steady_codes as (
    select
        reference,
        split_part(row_key, '|', 1) as code
    from current_rows
    intersect
    select
        reference,
        split_part(row_key, '|', 1) as code
    from stored_rows
    where content <> '(removed)'
),

changed as (
    select
        coalesce(now.reference, was.reference) as reference,
        coalesce(now.row_key, was.row_key) as row_key,
        coalesce(now.content, '(removed)') as content,
        coalesce(now.valid_from, was.valid_from) as valid_from,
        coalesce(now.valid_to, was.valid_to) as valid_to,
        least(coalesce(now.valid_from, was.valid_from), coalesce(was.valid_from, now.valid_from)) as affected_from
    from current_rows as now
    full outer join stored_rows as was
        on now.reference = was.reference and now.row_key = was.row_key
    where coalesce(now.content, '(removed)') <> coalesce(was.content, '(new)')
)

select
    changed.reference,
    changed.row_key,
    changed.content,
    changed.valid_from,
    changed.valid_to,
    -- To the end of time: a row ends the one before it, so that it tells on days after its own end, too.
    case when steady_codes.code is null then date '0001-01-01' else changed.affected_from end as affected_from,
    {{ batch() }} as _batch
from changed
left join steady_codes
    on changed.reference = steady_codes.reference and split_part(changed.row_key, '|', 1) = steady_codes.code
