{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- One row per event: the fields that one event wrote, side by side. Events of one instant without an id are one.
with history as (
    select * from {{ ref('stg_support__ticket_field_history') }}
    where {{ in_affected_days(ref('affected_ticket_days')) }}
),

final as (
    select
        ticket_id,
        coalesce(event_id, cast(updated as varchar)) as event_id,
        -- Free text by its contract: only the states that there are go on.
        max(case
            when
                field_name = 'status' and value in ('new', 'open', 'pending', 'hold', 'solved', 'closed', 'deleted')
                then value
            when field_name = 'status' then '(unmapped)'
        end) as status,
        max(case when field_name = 'made_sla' then lower(value) end) as made_sla,
        max(case when field_name = 'reopen_count' then try_cast(value as bigint) end) as reported_reopens,
        updated as happened_at,
        min(event_on) as event_on
    from history
    group by ticket_id, coalesce(event_id, cast(updated as varchar)), updated
)

select
    *,
    {{ batch() }} as _batch
from final
