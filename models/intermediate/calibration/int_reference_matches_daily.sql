-- Whose labels are no outcomes is nobody that a strictness is of.
{%- set is_ordered = 'label_strictness is not null and reference_label_strictness is not null' %}

select
    coalesce(queue_id, '(none)') as queue_id,
    count(*) as referenced_ratings,
    count(*) filter (where label = reference_label) as reference_matches,
    count(*) filter (where {{ is_ordered }}) as ordered_ratings,
    count(*) filter (where label_strictness > reference_label_strictness) as stricter_ratings,
    count(*) filter (where label_strictness < reference_label_strictness) as milder_ratings,
    {{ union_of_people(person_bit('rater_key')) }} as people_bits,
    {{ union_of_people(person_bit('case when ' ~ is_ordered ~ ' then rater_key end')) }} as ordered_people_bits,
    known_on
from {{ ref('int_referenced_ratings') }}
-- Raters of later rounds have heard what others said.
where label is not null and reference_label is not null and rating_round = 1
group by coalesce(queue_id, '(none)'), known_on
