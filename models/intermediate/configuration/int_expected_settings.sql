-- The seed with its open ends closed and overlaps cut where the next row begins, as policies and queues are.
select
    queue_id,
    setting,
    expected_value,
    valid_from,
    least(
        coalesce(valid_to, {{ forever() }}),
        coalesce(lead(valid_from) over (partition by queue_id, setting order by valid_from) - 1, {{ forever() }})
    ) as valid_to
from {{ ref('expected_settings') }}
