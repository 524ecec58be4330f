{{ config(group='people', access='private') }}

select
    rater_key,
    count(*) as ratings,
    count(*) filter (where label_strictness > reference_label_strictness) as stricter_ratings,
    count(*) filter (where label_strictness < reference_label_strictness) as milder_ratings,
    min(known_on) as first_rated_on,
    max(known_on) as last_rated_on
from {{ ref('int_referenced_ratings') }}
where
    label_strictness is not null
    and reference_label_strictness is not null
    -- Raters of later rounds have heard what others said, so a second rating is no second trial.
    and rating_round = 1
group by rater_key
-- Of a person only what rests on enough; who is not told of is not corrected for.
having count(*) >= {{ var('minimum_audits') }} and max(known_on) - min(known_on) >= 30
