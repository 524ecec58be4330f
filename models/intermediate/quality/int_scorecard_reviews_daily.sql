{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- A review is scored in categories, each on a scale of its own: the weighted mean of where on the scale, and nothing
-- where a critical category is below half of it.
with categories as (
    select
        *,
        (score - min_score) / (max_score - min_score) as place_on_scale
    from {{ ref('stg_quality__scorecard_ratings') }}
    where {{ in_affected_days(ref('affected_staging_days')) }}
),

reviews as (
    select
        subject_type,
        bool_or(is_critical and place_on_scale < 0.5) as is_failed,
        sum(weight * place_on_scale) / nullif(sum(weight), 0) as mean_score,
        event_on
    from categories
    group by subject_type, subject_id, rated_at, event_on
)

select
    subject_type,
    count(*) as reviews,
    count(*) filter (where is_failed) as failed_reviews,
    cast(sum(cast(case when is_failed then 0 else mean_score end as decimal(18, 12))) as decimal(38, 12)) as score_sum,
    cast(sum(
        cast(case when is_failed then 0 else mean_score * mean_score end as decimal(18, 12))
    ) as decimal(38, 12)) as score_sum_of_squares,
    event_on,
    {{ batch() }} as _batch
from reviews
where mean_score is not null
group by subject_type, event_on
