{{ config(group='people', access='private') }}

select
    queue_id,
    setting,
    former_value,
    set_value,
    expected_value,
    changed_by_key,
    is_as_expected,
    changed_at,
    changed_on
from {{ ref('int_configuration_changes') }}
