select
    sample_id,
    content_id,
    viewed_on,
    market,
    inclusion_probability,
    is_violative,
    policy_code
from {{ ref('stg_exposure__view_samples') }}
