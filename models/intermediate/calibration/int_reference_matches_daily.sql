-- Ratings beside the label of the reference, where that is one. The reference is no rater.
with compared as (
    select
        coalesce(ratings.queue_id, '(none)') as queue_id,
        ratings.rater_key,
        ratings.label = answer_key.reference_label as is_match,
        {{ strictness('ratings.label') }} as own_level,
        {{ strictness('answer_key.reference_label') }} as reference_level,
        ratings.event_on
    from {{ ref('int_calibration_ratings') }} as ratings
    inner join {{ ref('int_calibration_references') }} as answer_key
        on
            ratings.session_id = answer_key.session_id
            and ratings.item_id = answer_key.item_id
            and ratings.rating_round = answer_key.rating_round
    where not ratings.is_reference and ratings.label is not null
)

select
    queue_id,
    count(*) as referenced_ratings,
    count(*) filter (where is_match) as reference_matches,
    count(*) filter (where own_level is not null and reference_level is not null) as ordered_ratings,
    count(*) filter (where own_level > reference_level) as stricter_ratings,
    count(*) filter (where own_level < reference_level) as milder_ratings,
    {{ union_of_people(person_bit('rater_key')) }} as people_bits,
    event_on
from compared
group by queue_id, event_on
