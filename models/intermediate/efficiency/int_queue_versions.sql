-- The seed with its open ends closed and overlaps cut where the next version begins: one as-of join serves every event.
select
    queue_id,
    queue_name,
    sla_seconds,
    handle_seconds_cap,
    schedule_id,
    coalesce(is_sensitive, false) as is_sensitive,
    valid_from,
    {{ last_valid_day('queue_id') }} as valid_to
from {{ ref('queues') }}
