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
