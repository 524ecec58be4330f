{{ config(
    materialized='incremental',
    incremental_strategy='append',
    group='people',
) }}

{%- set through = built_through() %}

with person_ids as (
    select moderator_id as person_id from {{ ref('base_workforce__moderators') }}
    where _batch > {{ through }}
    union
    select moderator_id from {{ ref('base_workforce__activity') }}
    where _batch > {{ through }}
    union
    select moderator_id from {{ ref('base_moderation__decisions') }}
    where _batch > {{ through }}
    union
    select auditor_id from {{ ref('base_quality__audits') }}
    where _batch > {{ through }}
    union
    select rater_id from {{ ref('base_quality__calibration_ratings') }}
    where _batch > {{ through }}
    union
    select assignee_id from {{ ref('base_support__ticket') }}
    where _batch > {{ through }}
)

-- Once per person and stored: the salt is a variable of this session only.
select
    person_id,
    {{ sha256("getvariable('plumbline_salt') || person_id") }} as person_key,
    {{ batch() }} as _batch
from person_ids
where
    person_id is not null
{% if is_incremental() -%}
    and person_id not in (select stored.person_id from {{ this }} as stored)
    {%- endif %}
