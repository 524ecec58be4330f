-- The seed with its open ends closed, so that one as-of join serves every event.
select
    queue_id,
    queue_name,
    sla_seconds,
    valid_from,
    coalesce(valid_to, {{ forever() }}) as valid_to
from {{ ref('queues') }}
