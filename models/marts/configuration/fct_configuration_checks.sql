select
    queue_id,
    setting,
    expected_value,
    set_value,
    status,
    valid_from,
    valid_to
from {{ ref('int_configuration_checks') }}
