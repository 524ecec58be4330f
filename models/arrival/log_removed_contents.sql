{{ config(materialized='incremental', incremental_strategy='append') }}

-- Which contents were removed on which days, by every version that landed of a decision: sixteen bytes each, so that
-- the others of a content are found without passing over the ids of all decisions.
select
    {{ hash64(['content_id']) }} as content_key,
    _key,
    event_on,
    {{ batch() }} as _batch
from {{ ref('base_moderation__decisions') }}
where _batch > {{ built_through() }} and outcome = 'remove' and content_id is not null and event_on is not null
