-- The seed with its open ends closed and overlaps cut where the next row begins, as policies and queues are.
select
    queue_id,
    setting,
    expected_value,
    valid_from,
    {{ last_valid_day('queue_id, setting') }} as valid_to
from {{ ref('expected_settings') }}
