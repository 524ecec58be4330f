select
    id as user_id,
    role,
    valid_from_at,
    valid_until_at
from ({{ landed_versions('user') }}) as versions
