select
    order_id,
    member_state,
    kind,
    category,
    received_at,
    acknowledged_at,
    effected_at
from {{ ref('stg_transparency__authority_orders') }}
