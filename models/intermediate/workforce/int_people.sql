{{ config(
    materialized='incremental',
    incremental_strategy='append',
    database='people',
    group='people',
) }}

-- The file of this table may be gone, older or newer than the warehouse: who is missing follows from the ids
-- themselves, not by a batch.
select
    person_id,
    {{ person_key('person_id') }} as person_key,
    {{ batch() }} as _batch
from {{ ref('int_person_ids') }}
{% if is_incremental() -%}
where person_id not in (select stored.person_id from {{ this }} as stored)
{%- endif %}
