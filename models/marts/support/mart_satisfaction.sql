{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'reporting_on'},
) }}

select
    instrument,
    group_id,
    channel,
    priority,
    cast(satisfaction_asked as bigint) as satisfaction_asked,
    cast(satisfaction_answered as bigint) as satisfaction_answered,
    cast(satisfied_answers as bigint) as satisfied_answers,
    is_headline,
    reporting_on,
    {{ build_id() }} as build_id,
    {{ batch() }} as _batch
from {{ ref('int_satisfaction_daily') }}
where {{ in_affected_days(ref('affected_support_days'), 'reporting_on') }}
