{{ config(group='people', access='private') }}

select
    experiment_id,
    unit_type,
    unit_key,
    cluster_id,
    variant,
    landed_on,
    assigned_at
from {{ ref('int_experiment_units') }}
