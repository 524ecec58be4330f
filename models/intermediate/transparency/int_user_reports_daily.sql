{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

select
    notice_type,
    coalesce(market, '(none)') as market,
    count(*) as reports,
    event_on,
    {{ batch() }} as _batch
from {{ ref('stg_moderation__user_reports') }}
where {{ in_affected_days(ref('affected_staging_days')) }}
group by notice_type, coalesce(market, '(none)'), event_on
