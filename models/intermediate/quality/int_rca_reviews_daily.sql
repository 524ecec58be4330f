select
    department,
    count(*) as reviews,
    count(*) filter (where verdict = 'confirmed') as confirmed_reviews,
    event_on
from {{ ref('stg_quality__rca_reviews') }}
group by department, event_on
