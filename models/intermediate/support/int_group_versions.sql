select
    id as group_id,
    name as group_name,
    valid_from_at,
    valid_until_at
from ({{ landed_versions('group') }}) as versions
