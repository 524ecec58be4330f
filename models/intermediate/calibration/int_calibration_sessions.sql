select
    session_id,
    rating_round,
    count(*) as ratings,
    count(*) filter (where label is null) as missing_ratings,
    count(distinct item_id) as items,
    count(distinct rater_key) as raters,
    count(*) filter (where label is not null and reference_label is not null) as referenced_ratings,
    count(*) filter (where label = reference_label) as reference_matches,
    min(known_on) as first_rated_on,
    max(known_on) as last_rated_on
from {{ ref('int_referenced_ratings') }}
group by session_id, rating_round
