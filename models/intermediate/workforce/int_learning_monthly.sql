-- Over 120 lines: coaching and training, each beside the errors before and after.
{{ config(materialized='table', group='people', access='private') }}

-- Coaching and training beside the errors that they are about, where either is: coaching of a root cause beside the
-- errors with that cause, a module of training, and coaching that names no cause, beside all errors. Few rows: rebuilt
-- in each run.
with events as (
    select
        'coaching' as kind,
        coalesce(root_cause_code, '(none)') as topic,
        moderator_id,
        event_on
    from {{ ref('stg_workforce__coaching_sessions') }}
    union all
    select
        'training',
        module,
        moderator_id,
        event_on
    from {{ ref('stg_workforce__training_completions') }}
),

roster as (
    select * from {{ ref('int_roster') }}
),

placed as (
    select
        events.*,
        coalesce(placed.site_id, '(unmapped)') as site_id,
        coalesce(placed.vendor_id, '(unmapped)') as vendor_id,
        row_number() over (
            partition by events.kind, events.topic, events.moderator_id order by events.event_on
        ) = 1 as is_first
    from events
    {{ as_of_join('roster', 'placed', 'events.moderator_id = placed.moderator_id', 'events.event_on') }}
),

reached as (
    select
        kind,
        topic,
        site_id,
        vendor_id,
        count(*) as events,
        count(distinct moderator_id) as people_reached,
        count(*) filter (where is_first) as people_reached_anew,
        cast(date_trunc('month', event_on) as date) as month_starting_on
    from placed
    group by kind, topic, site_id, vendor_id, month_starting_on
),

-- Everybody who is on the roster of a site, on the average day of the month.
rostered as (
    select
        site_id,
        vendor_id,
        cast(sum(headcount) as double) / count(distinct reporting_on) as headcount,
        cast(date_trunc('month', reporting_on) as date) as month_starting_on
    from {{ ref('int_headcount_daily') }}
    group by site_id, vendor_id, month_starting_on
),

-- And where somebody learnt before anything was moderated, or who is on no roster.
places as (
    select
        coalesce(rostered.site_id, learnt.site_id) as site_id,
        coalesce(rostered.vendor_id, learnt.vendor_id) as vendor_id,
        rostered.headcount,
        coalesce(rostered.month_starting_on, learnt.month_starting_on) as month_starting_on
    from rostered
    full outer join (
        select distinct
            site_id,
            vendor_id,
            month_starting_on
        from reached
    ) as learnt
        on
            rostered.site_id = learnt.site_id
            and rostered.vendor_id = learnt.vendor_id
            and rostered.month_starting_on = learnt.month_starting_on
),

judged as (
    select
        site_id,
        vendor_id,
        sum(
            final_true_positives + final_false_positives + final_false_negatives + final_true_negatives
        ) as judged_audits,
        sum(
            final_true_positive_weight + final_false_positive_weight + final_false_negative_weight
            + final_true_negative_weight
        ) as judged_weight,
        cast(date_trunc('month', event_on) as date) as month_starting_on
    from {{ ref('int_human_verdicts_daily') }}
    group by site_id, vendor_id, month_starting_on
),

errors as (
    select
        root_cause_code as cause,
        site_id,
        vendor_id,
        sum(errors) as errors,
        sum(error_weight) as error_weight,
        cast(date_trunc('month', event_on) as date) as month_starting_on
    from {{ ref('int_errors_daily') }}
    group by root_cause_code, site_id, vendor_id, month_starting_on
    union all
    select
        '(all)',
        site_id,
        vendor_id,
        sum(errors),
        sum(error_weight),
        cast(date_trunc('month', event_on) as date) as month_starting_on
    from {{ ref('int_errors_daily') }}
    group by site_id, vendor_id, month_starting_on
),

-- Each topic at each place, from the first month in which anybody heard of it or erred by it: a site that nobody
-- trained is what one looks for.
topics as (
    select
        kind,
        topic,
        case when kind = 'training' or topic = '(none)' then '(all)' else topic end as cause,
        min(month_starting_on) as first_month
    from (
        select
            kind,
            topic,
            month_starting_on
        from reached
        union all
        select
            'coaching',
            cause,
            month_starting_on
        from errors
        where cause not in ('(all)', '(none)')
    ) as heard
    group by kind, topic
),

cells as (
    select
        topics.kind,
        topics.topic,
        topics.cause,
        topics.first_month,
        places.site_id,
        places.vendor_id,
        places.headcount,
        places.month_starting_on
    from topics
    cross join places
),

rates as (
    select
        cells.*,
        coalesce(reached.events, 0) as events,
        coalesce(reached.people_reached, 0) as people_reached,
        sum(coalesce(reached.people_reached_anew, 0)) over (
            partition by cells.kind, cells.topic, cells.site_id, cells.vendor_id order by cells.month_starting_on
        ) as people_reached_so_far,
        coalesce(errors.errors, 0) as errors,
        judged.judged_audits,
        case
            when judged.judged_audits >= {{ var('minimum_audits') }}
                then cast(coalesce(errors.error_weight, 0) as double) / nullif(cast(judged.judged_weight as double), 0)
        end as error_rate
    from cells
    left join reached
        on
            cells.kind = reached.kind
            and cells.topic = reached.topic
            and cells.site_id = reached.site_id
            and cells.vendor_id = reached.vendor_id
            and cells.month_starting_on = reached.month_starting_on
    left join judged
        on
            cells.site_id = judged.site_id
            and cells.vendor_id = judged.vendor_id
            and cells.month_starting_on = judged.month_starting_on
    left join errors
        on
            cells.cause = errors.cause
            and cells.site_id = errors.site_id
            and cells.vendor_id = errors.vendor_id
            and cells.month_starting_on = errors.month_starting_on
)

select
    rates.kind,
    rates.topic,
    rates.site_id,
    rates.vendor_id,
    rates.headcount,
    rates.events,
    rates.people_reached,
    rates.people_reached_so_far,
    rates.errors,
    rates.judged_audits,
    rates.error_rate,
    before.error_rate as error_rate_before,
    after.error_rate as error_rate_after,
    rates.month_starting_on
from rates
{% for name, months in [('before', -1), ('after', 1)] -%}
left join rates as {{ name }}
    on
        rates.kind = {{ name }}.kind
        and rates.topic = {{ name }}.topic
        and rates.site_id = {{ name }}.site_id
        and rates.vendor_id = {{ name }}.vendor_id
        and {{ plus_months('rates.month_starting_on', months) }} = {{ name }}.month_starting_on
{% endfor %}
where rates.month_starting_on >= rates.first_month
