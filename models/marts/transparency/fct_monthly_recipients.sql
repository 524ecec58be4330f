select
    service,
    scope,
    period_start,
    recipients
from {{ ref('stg_transparency__monthly_recipients') }}
