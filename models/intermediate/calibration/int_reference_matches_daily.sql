-- Ratings beside the label of the reference, where that is one. The reference is no rater.
select
    coalesce(ratings.queue_id, '(none)') as queue_id,
    count(*) as referenced_ratings,
    count(*) filter (where ratings.label = answer_key.reference_label) as reference_matches,
    {{ union_of_people(person_bit('ratings.rater_key')) }} as people_bits,
    ratings.event_on
from {{ ref('int_calibration_ratings') }} as ratings
inner join {{ ref('int_calibration_references') }} as answer_key
    on
        ratings.session_id = answer_key.session_id
        and ratings.item_id = answer_key.item_id
        and ratings.rating_round = answer_key.rating_round
where not ratings.is_reference and ratings.label is not null
group by coalesce(ratings.queue_id, '(none)'), ratings.event_on
