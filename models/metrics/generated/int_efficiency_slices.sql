{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['efficiency'], 'day': 'reporting_on'},
) }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- What waits at the end of each day, beside what left on it.
backlog_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        sum(tasks_open) as backlog_open,
        sum(tasks_ended) as tasks_ended,
        reporting_on
    from {{ ref('int_backlog_daily') }}
    where
        reporting_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['efficiency'], 'reporting_on') }}
    group by all
),

backlog_split as (
    select
        reporting_on,
        market,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            else 'all'
        end as slice_type,
        coalesce(queue, language, 'all') as slice,
        sum(backlog_open) as backlog_open,
        sum(tasks_ended) as tasks_ended
    from backlog_cells
    group by {{ each_slice(['reporting_on', 'market'], ['queue', 'language']) }}  -- noqa: PRS
),

backlog_placed as (
    select * from backlog_split
    union all
    select * replace ('market' as slice_type, market as slice) from backlog_split
    where slice_type = 'all'
),

backlog_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from backlog_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from backlog_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Decisions of humans and machines by day of decision. Human enforcement actions are over production only.
decisions_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(suspected_policy_code, '(none)') as suspected_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(decisions) as decisions_made,
        sum(case when automation_level = 'full' then decisions else 0 end) as automated_decisions,
        sum(enforcement_actions) as enforcement_actions,
        sum(automated_enforcement_actions) as automated_enforcement_actions,
        sum(production_decisions) as production_decisions,
        sum(skips) as skips,
        sum(escalations) as escalations,
        sum(handled_decisions) as handled_decisions,
        sum(capped_decisions) as capped_decisions,
        sum(handle_seconds) as handle_seconds,
        sum(squared_handle_seconds) as squared_handle_seconds,
        sum(timed_content_handle_seconds) as timed_content_handle_seconds,
        sum(cast(content_seconds / 60 as decimal(38, 12))) as content_minutes,
        bit_or(people_bits) as decisions_people_bits,
        event_on as reporting_on
    from {{ ref('int_decisions_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['efficiency'], 'event_on') }}
    group by all
),

decisions_split as (
    select
        reporting_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, language, site, 'all') as slice,
        sum(decisions_made) as decisions_made,
        sum(automated_decisions) as automated_decisions,
        sum(enforcement_actions) as enforcement_actions,
        sum(automated_enforcement_actions) as automated_enforcement_actions,
        sum(production_decisions) as production_decisions,
        sum(skips) as skips,
        sum(escalations) as escalations,
        sum(handled_decisions) as handled_decisions,
        sum(capped_decisions) as capped_decisions,
        sum(handle_seconds) as handle_seconds,
        sum(squared_handle_seconds) as squared_handle_seconds,
        sum(timed_content_handle_seconds) as timed_content_handle_seconds,
        sum(content_minutes) as content_minutes,
        bit_or(decisions_people_bits) as decisions_people_bits
    from decisions_cells
    group by {{ each_slice(['reporting_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'language', 'site']) }}  -- noqa: PRS
),

decisions_placed as (
    select * from decisions_split
    union all
    select * replace ('market' as slice_type, market as slice) from decisions_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from decisions_split
    where slice_type = 'all'
),

decisions_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from decisions_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from decisions_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from decisions_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Root tasks of production by day of enqueueing, and by the site and vendor that answer for them.
tasks_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(suspected_policy_code, '(none)') as suspected_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(tasks_received) as tasks_received,
        sum(tasks_touched) as tasks_touched,
        sum(touches) as touches,
        bit_or(people_bits) as tasks_people_bits,
        event_on as reporting_on
    from {{ ref('int_tasks_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['efficiency'], 'event_on') }}
    group by all
),

tasks_split as (
    select
        reporting_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, language, site, 'all') as slice,
        sum(tasks_received) as tasks_received,
        sum(tasks_touched) as tasks_touched,
        sum(touches) as touches,
        bit_or(tasks_people_bits) as tasks_people_bits
    from tasks_cells
    group by {{ each_slice(['reporting_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'language', 'site']) }}  -- noqa: PRS
),

tasks_placed as (
    select * from tasks_split
    union all
    select * replace ('market' as slice_type, market as slice) from tasks_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from tasks_split
    where slice_type = 'all'
),

tasks_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from tasks_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from tasks_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from tasks_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Root tasks of production by the day they were due on, once that day is over.
tasks_due_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(suspected_policy_code, '(none)') as suspected_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(tasks_due) as tasks_due,
        sum(tasks_attained) as tasks_attained,
        bit_or(due_people_bits) as tasks_due_people_bits,
        due_on as reporting_on
    from {{ ref('int_tasks_due_daily') }}
    where
        due_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['efficiency'], 'due_on') }}
    group by all
),

tasks_due_split as (
    select
        reporting_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, language, site, 'all') as slice,
        sum(tasks_due) as tasks_due,
        sum(tasks_attained) as tasks_attained,
        bit_or(tasks_due_people_bits) as tasks_due_people_bits
    from tasks_due_cells
    group by {{ each_slice(['reporting_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'language', 'site']) }}  -- noqa: PRS
),

tasks_due_placed as (
    select * from tasks_due_split
    union all
    select * replace ('market' as slice_type, market as slice) from tasks_due_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from tasks_due_split
    where slice_type = 'all'
),

tasks_due_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from tasks_due_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from tasks_due_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from tasks_due_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Root tasks of production by the day they were due on, of those enqueued since claims land.
tasks_due_with_claims_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(suspected_policy_code, '(none)') as suspected_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(tasks_due_with_claims) as tasks_due_with_claims,
        sum(tasks_first_claimed_in_time) as tasks_first_claimed_in_time,
        sum(tasks_last_claimed_in_time) as tasks_last_claimed_in_time,
        bit_or(due_with_claims_people_bits) as tasks_due_with_claims_people_bits,
        due_on as reporting_on
    from {{ ref('int_tasks_due_daily') }}
    where
        due_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['efficiency'], 'due_on') }}
    group by all
),

tasks_due_with_claims_split as (
    select
        reporting_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, language, site, 'all') as slice,
        sum(tasks_due_with_claims) as tasks_due_with_claims,
        sum(tasks_first_claimed_in_time) as tasks_first_claimed_in_time,
        sum(tasks_last_claimed_in_time) as tasks_last_claimed_in_time,
        bit_or(tasks_due_with_claims_people_bits) as tasks_due_with_claims_people_bits
    from tasks_due_with_claims_cells
    group by {{ each_slice(['reporting_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'language', 'site']) }}  -- noqa: PRS
),

tasks_due_with_claims_placed as (
    select * from tasks_due_with_claims_split
    union all
    select * replace ('market' as slice_type, market as slice) from tasks_due_with_claims_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from tasks_due_with_claims_split
    where slice_type = 'all'
),

tasks_due_with_claims_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from tasks_due_with_claims_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from tasks_due_with_claims_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from tasks_due_with_claims_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Root tasks of production by the day of their terminal decision.
terminal_decisions_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(row_count) as terminal_decisions,
        bit_or(people_bits) as terminal_decisions_people_bits,
        decided_on as reporting_on
    from {{ ref('int_turnaround_histogram') }}
    where
        decided_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['efficiency'], 'decided_on') }}
    group by all
),

terminal_decisions_split as (
    select
        reporting_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, language, site, 'all') as slice,
        sum(terminal_decisions) as terminal_decisions,
        bit_or(terminal_decisions_people_bits) as terminal_decisions_people_bits
    from terminal_decisions_cells
    group by {{ each_slice(['reporting_on', 'market', 'vendor'], ['queue', 'language', 'site']) }}  -- noqa: PRS
),

terminal_decisions_placed as (
    select * from terminal_decisions_split
    union all
    select * replace ('market' as slice_type, market as slice) from terminal_decisions_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from terminal_decisions_split
    where slice_type = 'all'
),

terminal_decisions_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from terminal_decisions_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from terminal_decisions_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from terminal_decisions_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

united as (
    select * from backlog_scoped
    union all by name
    select * from decisions_scoped
    union all by name
    select * from tasks_scoped
    union all by name
    select * from tasks_due_scoped
    union all by name
    select * from tasks_due_with_claims_scoped
    union all by name
    select * from terminal_decisions_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(backlog_open) as decimal(38, 12)) as backlog_open,
    cast(sum(tasks_ended) as decimal(38, 12)) as tasks_ended,
    cast(sum(decisions_made) as decimal(38, 12)) as decisions_made,
    cast(sum(automated_decisions) as decimal(38, 12)) as automated_decisions,
    cast(sum(enforcement_actions) as decimal(38, 12)) as enforcement_actions,
    cast(sum(automated_enforcement_actions) as decimal(38, 12)) as automated_enforcement_actions,
    cast(sum(production_decisions) as decimal(38, 12)) as production_decisions,
    cast(sum(skips) as decimal(38, 12)) as skips,
    cast(sum(escalations) as decimal(38, 12)) as escalations,
    cast(sum(handled_decisions) as decimal(38, 12)) as handled_decisions,
    cast(sum(capped_decisions) as decimal(38, 12)) as capped_decisions,
    cast(sum(handle_seconds) as decimal(38, 12)) as handle_seconds,
    cast(sum(squared_handle_seconds) as decimal(38, 12)) as squared_handle_seconds,
    cast(sum(timed_content_handle_seconds) as decimal(38, 12)) as timed_content_handle_seconds,
    cast(sum(content_minutes) as decimal(38, 12)) as content_minutes,
    cast(bit_or(decisions_people_bits) as bigint) as decisions_people_bits,
    cast(sum(tasks_received) as decimal(38, 12)) as tasks_received,
    cast(sum(tasks_touched) as decimal(38, 12)) as tasks_touched,
    cast(sum(touches) as decimal(38, 12)) as touches,
    cast(bit_or(tasks_people_bits) as bigint) as tasks_people_bits,
    cast(sum(tasks_due) as decimal(38, 12)) as tasks_due,
    cast(sum(tasks_attained) as decimal(38, 12)) as tasks_attained,
    cast(bit_or(tasks_due_people_bits) as bigint) as tasks_due_people_bits,
    cast(sum(tasks_due_with_claims) as decimal(38, 12)) as tasks_due_with_claims,
    cast(sum(tasks_first_claimed_in_time) as decimal(38, 12)) as tasks_first_claimed_in_time,
    cast(sum(tasks_last_claimed_in_time) as decimal(38, 12)) as tasks_last_claimed_in_time,
    cast(bit_or(tasks_due_with_claims_people_bits) as bigint) as tasks_due_with_claims_people_bits,
    cast(sum(terminal_decisions) as decimal(38, 12)) as terminal_decisions,
    cast(bit_or(terminal_decisions_people_bits) as bigint) as terminal_decisions_people_bits,
    {{ batch() }} as _batch,
    reporting_on
from united
group by all
