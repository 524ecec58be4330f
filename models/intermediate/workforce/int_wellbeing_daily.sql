{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- A limit is on a person's day, wherever it was spent: first a row per person and day, then the roll-up.
with activity as (
    select * from {{ ref('int_activity') }}
    where {{ in_affected_days(ref('affected_activity_days')) }}
),

queue_versions as (
    select * from {{ ref('int_queue_versions') }}
),

limits as (
    select
        limit_id,
        value,
        valid_from,
        {{ last_valid_day('limit_id') }} as valid_to
    from {{ ref('wellness_limits') }}
),

person_days as (
    select
        activity.moderator_key,
        activity.site_id,
        activity.vendor_id,
        activity.team_id,
        sum(activity.paid_seconds) as paid_seconds,
        sum(activity.handling_seconds + activity.idle_seconds) as productive_seconds,
        sum(activity.wellness_seconds) as wellness_seconds,
        sum(case when in_force.is_sensitive then activity.handling_seconds else 0 end) as sensitive_seconds,
        activity.event_on
    from activity
    {{ as_of_join('queue_versions', 'in_force', 'activity.queue_id = in_force.queue_id', 'activity.event_on') }}
    group by
        activity.moderator_key, activity.site_id, activity.vendor_id, activity.team_id, activity.event_on
),

judged as (
    select
        person_days.*,
        person_days.productive_seconds > 0 as is_worked,
        person_days.sensitive_seconds > exposure.value * 3600 as is_over_exposure,
        person_days.wellness_seconds >= breaks.value * person_days.paid_seconds as has_enough_breaks
    from person_days
    {{ as_of_join(
        'limits', 'exposure', "exposure.limit_id = 'graphic_exposure_hours_per_day'", 'person_days.event_on'
    ) }}
    {{ as_of_join(
        'limits', 'breaks', "breaks.limit_id = 'wellness_break_share_of_paid_time'", 'person_days.event_on'
    ) }}
)

select
    site_id,
    vendor_id,
    team_id,
    count(*) filter (where is_worked) as worked_days,
    count(*) filter (where is_worked and is_over_exposure) as days_over_exposure_limit,
    count(*) filter (where is_worked and has_enough_breaks is not null) as days_with_break_limit,
    count(*) filter (where is_worked and has_enough_breaks) as days_with_enough_breaks,
    {{ union_of_people(person_bit('moderator_key')) }} filter (where is_worked) as people_bits,
    cast(sum(paid_seconds) as decimal(28, 3)) as paid_seconds,
    cast(sum(productive_seconds) as decimal(28, 3)) as productive_seconds,
    cast(sum(wellness_seconds) as decimal(28, 3)) as wellness_seconds,
    cast(sum(sensitive_seconds) as decimal(28, 3)) as sensitive_seconds,
    event_on,
    {{ batch() }} as _batch
from judged
group by site_id, vendor_id, team_id, event_on
