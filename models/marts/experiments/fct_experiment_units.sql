{{ config(group='people', access='private') }}

select
    experiment_id,
    unit_type,
    unit_key,
    cluster_id,
    variant,
    assigned_at
from {{ ref('int_experiment_units') }}
