with ratings as (
    select * from {{ ref('int_calibration_ratings') }}
    where not is_reference
)

select
    ratings.session_id,
    ratings.rating_round,
    count(*) as ratings,
    count(*) filter (where ratings.label is null) as missing_ratings,
    count(distinct ratings.item_id) as items,
    count(distinct ratings.rater_key) as raters,
    count(*) filter (where ratings.label is not null and answer_key.reference_label is not null) as referenced_ratings,
    count(*) filter (where ratings.label = answer_key.reference_label) as reference_matches,
    min(ratings.event_on) as first_rated_on,
    max(ratings.event_on) as last_rated_on
from ratings
left join {{ ref('int_calibration_references') }} as answer_key
    on
        ratings.session_id = answer_key.session_id
        and ratings.item_id = answer_key.item_id
        and ratings.rating_round = answer_key.rating_round
group by ratings.session_id, ratings.rating_round
