{{ config(
    materialized='incremental',
    incremental_strategy='append',
    database='people',
    group='people',
) }}

-- This table lies in a file beside the warehouse, which may be gone, older or newer: who is missing there follows from the ids
-- themselves, not by a batch.
select
    person_id,
    {{ person_key('person_id') }} as person_key,
    {{ batch() }} as _batch
from {{ ref('int_person_ids') }}
{% if is_incremental() -%}
where person_id not in (select stored.person_id from {{ this }} as stored)
{%- endif %}
