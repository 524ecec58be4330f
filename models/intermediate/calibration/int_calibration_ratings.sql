with ratings as (
    select * from {{ ref('stg_quality__calibration_ratings') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    -- By the key, since a hash of the rater's id could be guessed.
    {{ sha256("concat_ws(chr(31), ratings.session_id, ratings.item_id, ratings.round, people.person_key)") }}
        as rating_id,
    ratings.session_id,
    ratings.item_id,
    people.person_key as rater_key,
    ratings.label,
    ratings.policy_code,
    ratings.policy_version,
    ratings.queue_id,
    ratings.round as rating_round,
    ratings.is_reference,
    ratings.rated_at,
    ratings.event_on,
    -- Annotation tools often give no time: then the day on which the file landed.
    coalesce(ratings.event_on, {{ landed_on('ratings._file') }}) as known_on
from ratings
inner join people on ratings.rater_id = people.person_id
