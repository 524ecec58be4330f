{{ config(group='people', access='private') }}

-- Each rater beside the reference, where both labels are outcomes, which go from mild to strict.
with compared as (
    select
        ratings.rater_key,
        {{ strictness('ratings.label') }} as own_level,
        {{ strictness('answer_key.reference_label') }} as reference_level,
        ratings.known_on
    from {{ ref('int_calibration_ratings') }} as ratings
    inner join {{ ref('int_calibration_references') }} as answer_key
        on
            ratings.session_id = answer_key.session_id
            and ratings.item_id = answer_key.item_id
            and ratings.rating_round = answer_key.rating_round
    where not ratings.is_reference and ratings.label is not null
)

select
    rater_key,
    count(*) as ratings,
    count(*) filter (where own_level > reference_level) as stricter_ratings,
    count(*) filter (where own_level < reference_level) as milder_ratings,
    count(distinct known_on) as days,
    min(known_on) as first_rated_on,
    max(known_on) as last_rated_on
from compared
where own_level is not null and reference_level is not null
group by rater_key
