{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['efficiency', 'quality'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['efficiency', 'quality']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_efficiency_slices') }}
    where {{ in_days_of_periods(affected, 'reporting_on') }}
    union all by name
    select * from {{ ref('int_quality_slices') }}
    where {{ in_days_of_periods(affected, 'reporting_on') }}
),

dated as (
    select
        days.* exclude (reporting_on),
        grains.grain,
        {{ period_start('grains.grain', 'days.reporting_on') }} as period_start
    from days
    cross join ({{ grains() }}) as grains
),

periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        sum(audited_decisions) as audited_decisions,
        sum(automated_decisions) as automated_decisions,
        sum(automated_enforcement_actions) as automated_enforcement_actions,
        sum(backlog_open) as backlog_open,
        sum(capped_decisions) as capped_decisions,
        sum(content_minutes) as content_minutes,
        sum(decisions_made) as decisions_made,
        bit_or(decisions_people_bits) as decisions_people_bits,
        sum(enforcement_actions) as enforcement_actions,
        sum(escalations) as escalations,
        sum(handle_seconds) as handle_seconds,
        sum(handled_decisions) as handled_decisions,
        sum(production_decisions) as production_decisions,
        sum(skips) as skips,
        sum(squared_handle_seconds) as squared_handle_seconds,
        sum(tasks_attained) as tasks_attained,
        sum(tasks_due) as tasks_due,
        bit_or(tasks_due_people_bits) as tasks_due_people_bits,
        sum(tasks_due_with_claims) as tasks_due_with_claims,
        bit_or(tasks_due_with_claims_people_bits) as tasks_due_with_claims_people_bits,
        sum(tasks_ended) as tasks_ended,
        sum(tasks_first_claimed_in_time) as tasks_first_claimed_in_time,
        sum(tasks_last_claimed_in_time) as tasks_last_claimed_in_time,
        bit_or(tasks_people_bits) as tasks_people_bits,
        sum(tasks_received) as tasks_received,
        sum(tasks_touched) as tasks_touched,
        sum(terminal_decisions) as terminal_decisions,
        bit_or(terminal_decisions_people_bits) as terminal_decisions_people_bits,
        sum(timed_content_handle_seconds) as timed_content_handle_seconds,
        sum(touches) as touches,
        period_start
    from dated
    where {{ in_periods(affected) }}
    group by all
),

backlog_daily_1_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        age_days as bucket,
        sum(tasks_open) as row_count,
        reporting_on as piece_on
    from {{ ref('int_backlog_daily') }}
    where
        reporting_on is not null
        and tasks_open > 0
        and {{ in_days_of_periods(affected, 'reporting_on') }}
    group by all
),

backlog_daily_1_split as (
    select
        bucket,
        piece_on,
        market,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            else 'all'
        end as slice_type,
        coalesce(queue, language, 'all') as slice,
        sum(row_count) as row_count
    from backlog_daily_1_cells
    group by {{ each_slice(['bucket', 'piece_on', 'market'], ['queue', 'language']) }}  -- noqa: PRS
),

backlog_daily_1_placed as (
    select * from backlog_daily_1_split
    union all
    select * replace ('market' as slice_type, market as slice) from backlog_daily_1_split
    where slice_type = 'all'
),

backlog_daily_1_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from backlog_daily_1_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from backlog_daily_1_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

backlog_daily_1_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from backlog_daily_1_scoped as pieces
    cross join ({{ grains(['day']) }}) as grains
),

backlog_daily_1_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        sum(row_count) as row_count
    from backlog_daily_1_dated
    where {{ in_periods(affected) }}
    group by all
),

backlog_daily_1_quantiles as (
    {{ histogram_quantiles(
        'backlog_daily_1_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'backlog_age_p90': 0.9},
        is_value=true, people=none
    ) }}
),

claim_wait_histogram_2_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        bucket,
        sum(row_count) as row_count,
        bit_or(people_bits) as people_bits,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'claimed_on') }}, {{ period_start("'month'", 'claimed_on') }}) as piece_on
    from {{ ref('int_claim_wait_histogram') }}
    where
        claimed_on is not null
        and row_count > 0
        and claim = 'first'
        and {{ in_days_of_periods(affected, 'claimed_on') }}
    group by all
),

claim_wait_histogram_2_split as (
    select
        bucket,
        piece_on,
        market,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            else 'all'
        end as slice_type,
        coalesce(queue, language, 'all') as slice,
        sum(row_count) as row_count,
        bit_or(people_bits) as people_bits
    from claim_wait_histogram_2_cells
    group by {{ each_slice(['bucket', 'piece_on', 'market'], ['queue', 'language']) }}  -- noqa: PRS
),

claim_wait_histogram_2_placed as (
    select * from claim_wait_histogram_2_split
    union all
    select * replace ('market' as slice_type, market as slice) from claim_wait_histogram_2_split
    where slice_type = 'all'
),

claim_wait_histogram_2_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from claim_wait_histogram_2_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from claim_wait_histogram_2_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

claim_wait_histogram_2_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from claim_wait_histogram_2_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

claim_wait_histogram_2_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        bit_or(people_bits) as people_bits,
        sum(row_count) as row_count
    from claim_wait_histogram_2_dated
    where {{ in_periods(affected) }}
    group by all
),

claim_wait_histogram_2_quantiles as (
    {{ histogram_quantiles(
        'claim_wait_histogram_2_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'time_to_first_claim_p50': 0.5, 'time_to_first_claim_p90': 0.9},
        is_value=false, people='people_bits'
    ) }}
),

claim_wait_histogram_3_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        bucket,
        sum(row_count) as row_count,
        bit_or(people_bits) as people_bits,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'claimed_on') }}, {{ period_start("'month'", 'claimed_on') }}) as piece_on
    from {{ ref('int_claim_wait_histogram') }}
    where
        claimed_on is not null
        and row_count > 0
        and claim = 'last'
        and {{ in_days_of_periods(affected, 'claimed_on') }}
    group by all
),

claim_wait_histogram_3_split as (
    select
        bucket,
        piece_on,
        market,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            else 'all'
        end as slice_type,
        coalesce(queue, language, 'all') as slice,
        sum(row_count) as row_count,
        bit_or(people_bits) as people_bits
    from claim_wait_histogram_3_cells
    group by {{ each_slice(['bucket', 'piece_on', 'market'], ['queue', 'language']) }}  -- noqa: PRS
),

claim_wait_histogram_3_placed as (
    select * from claim_wait_histogram_3_split
    union all
    select * replace ('market' as slice_type, market as slice) from claim_wait_histogram_3_split
    where slice_type = 'all'
),

claim_wait_histogram_3_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from claim_wait_histogram_3_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from claim_wait_histogram_3_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

claim_wait_histogram_3_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from claim_wait_histogram_3_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

claim_wait_histogram_3_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        bit_or(people_bits) as people_bits,
        sum(row_count) as row_count
    from claim_wait_histogram_3_dated
    where {{ in_periods(affected) }}
    group by all
),

claim_wait_histogram_3_quantiles as (
    {{ histogram_quantiles(
        'claim_wait_histogram_3_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'time_to_last_claim_p50': 0.5, 'time_to_last_claim_p90': 0.9},
        is_value=false, people='people_bits'
    ) }}
),

turnaround_histogram_4_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        bucket,
        sum(row_count) as row_count,
        bit_or(people_bits) as people_bits,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'decided_on') }}, {{ period_start("'month'", 'decided_on') }}) as piece_on
    from {{ ref('int_turnaround_histogram') }}
    where
        decided_on is not null
        and row_count > 0
        and {{ in_days_of_periods(affected, 'decided_on') }}
    group by all
),

turnaround_histogram_4_split as (
    select
        bucket,
        piece_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, language, site, 'all') as slice,
        sum(row_count) as row_count,
        bit_or(people_bits) as people_bits
    from turnaround_histogram_4_cells
    group by {{ each_slice(['bucket', 'piece_on', 'market', 'vendor'], ['queue', 'language', 'site']) }}  -- noqa: PRS
),

turnaround_histogram_4_placed as (
    select * from turnaround_histogram_4_split
    union all
    select * replace ('market' as slice_type, market as slice) from turnaround_histogram_4_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from turnaround_histogram_4_split
    where slice_type = 'all'
),

turnaround_histogram_4_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from turnaround_histogram_4_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from turnaround_histogram_4_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from turnaround_histogram_4_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

turnaround_histogram_4_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from turnaround_histogram_4_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

turnaround_histogram_4_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        bit_or(people_bits) as people_bits,
        sum(row_count) as row_count
    from turnaround_histogram_4_dated
    where {{ in_periods(affected) }}
    group by all
),

turnaround_histogram_4_quantiles as (
    {{ histogram_quantiles(
        'turnaround_histogram_4_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'turnaround_time_p50': 0.5, 'turnaround_time_p90': 0.9, 'turnaround_time_p95': 0.95},
        is_value=false, people='people_bits'
    ) }}
),

-- A row a metric. A list and no union: each branch of a union holds memory of its own until the last has been written.
metrics as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Audit coverage
            {
                'metric_id': 'audit_coverage',
                'numerator': cast(coalesce(audited_decisions, 0) as decimal(38, 12)),
                'denominator': cast(production_decisions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': production_decisions is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Automated decision share
            {
                'metric_id': 'automated_decision_share',
                'numerator': cast(coalesce(automated_decisions, 0) as decimal(38, 12)),
                'denominator': cast(decisions_made as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': decisions_made is not null and slice_type in ('all', 'market', 'language') and scope_type in ('all', 'market', 'language')
            },
            -- Automation rate
            {
                'metric_id': 'automation_rate',
                'numerator': cast(coalesce(automated_enforcement_actions, 0) as decimal(38, 12)),
                'denominator': cast(enforcement_actions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': enforcement_actions is not null and slice_type in ('all', 'market', 'language') and scope_type in ('all', 'market', 'language')
            },
            -- Average handle time
            {
                'metric_id': 'average_handle_time',
                'numerator': cast(coalesce(handle_seconds, 0) as decimal(38, 12)),
                'denominator': cast(handled_decisions as decimal(38, 12)),
                'sum_of_squares': cast(squared_handle_seconds as decimal(38, 12)),
                'n': cast(handled_decisions as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': handled_decisions is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Days of cover
            {
                'metric_id': 'backlog_days_of_cover',
                'numerator': cast(coalesce(backlog_open, 0) as decimal(38, 12)),
                'denominator': cast(tasks_ended as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tasks_ended is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language')
            },
            -- Open backlog
            {
                'metric_id': 'backlog_open',
                'numerator': cast(backlog_open as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': backlog_open is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language') and grain in ('day')
            },
            -- Share of capped handle times
            {
                'metric_id': 'capped_handle_time_share',
                'numerator': cast(coalesce(capped_decisions, 0) as decimal(38, 12)),
                'denominator': cast(production_decisions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(production_decisions as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': production_decisions is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Decisions made
            {
                'metric_id': 'decisions_made',
                'numerator': cast(decisions_made as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': decisions_made is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Escalation rate
            {
                'metric_id': 'escalation_rate',
                'numerator': cast(coalesce(escalations, 0) as decimal(38, 12)),
                'denominator': cast(production_decisions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(production_decisions as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': production_decisions is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Handle time per content minute
            {
                'metric_id': 'handle_time_per_content_minute',
                'numerator': cast(coalesce(timed_content_handle_seconds, 0) as decimal(38, 12)),
                'denominator': cast(content_minutes as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': content_minutes is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Skip rate
            {
                'metric_id': 'skip_rate',
                'numerator': cast(coalesce(skips, 0) as decimal(38, 12)),
                'denominator': cast(production_decisions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(production_decisions as bigint),
                'people_at_least': cast(bit_count(decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': production_decisions is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- SLA attainment
            {
                'metric_id': 'sla_attainment',
                'numerator': cast(coalesce(tasks_attained, 0) as decimal(38, 12)),
                'denominator': cast(tasks_due as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(tasks_due_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tasks_due is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- SLA attainment to the first claim
            {
                'metric_id': 'sla_attainment_first_claim',
                'numerator': cast(coalesce(tasks_first_claimed_in_time, 0) as decimal(38, 12)),
                'denominator': cast(tasks_due_with_claims as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(tasks_due_with_claims_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tasks_due_with_claims is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- SLA attainment to the last claim
            {
                'metric_id': 'sla_attainment_last_claim',
                'numerator': cast(coalesce(tasks_last_claimed_in_time, 0) as decimal(38, 12)),
                'denominator': cast(tasks_due_with_claims as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(tasks_due_with_claims_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tasks_due_with_claims is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Tasks received
            {
                'metric_id': 'tasks_received',
                'numerator': cast(tasks_received as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(tasks_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tasks_received is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Terminal decisions
            {
                'metric_id': 'terminal_decisions',
                'numerator': cast(terminal_decisions as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(terminal_decisions_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': terminal_decisions is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            -- Touches per task
            {
                'metric_id': 'touches_per_task',
                'numerator': cast(coalesce(touches, 0) as decimal(38, 12)),
                'denominator': cast(tasks_touched as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(tasks_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tasks_touched is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            }
        ], recursive := true),
        period_start
    from periods
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Age of the backlog, 90 %
            {
                'metric_id': 'backlog_age_p90',
                'numerator': cast(backlog_age_p90 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': backlog_age_p90 is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language')
            }
        ], recursive := true),
        period_start
    from backlog_daily_1_quantiles
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Time to first claim, 50 %
            {
                'metric_id': 'time_to_first_claim_p50',
                'numerator': cast(time_to_first_claim_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': time_to_first_claim_p50 is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language')
            },
            -- Time to first claim, 90 %
            {
                'metric_id': 'time_to_first_claim_p90',
                'numerator': cast(time_to_first_claim_p90 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': time_to_first_claim_p90 is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language')
            }
        ], recursive := true),
        period_start
    from claim_wait_histogram_2_quantiles
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Time to last claim, 50 %
            {
                'metric_id': 'time_to_last_claim_p50',
                'numerator': cast(time_to_last_claim_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': time_to_last_claim_p50 is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language')
            },
            -- Time to last claim, 90 %
            {
                'metric_id': 'time_to_last_claim_p90',
                'numerator': cast(time_to_last_claim_p90 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': time_to_last_claim_p90 is not null and slice_type in ('all', 'queue', 'market', 'language') and scope_type in ('all', 'queue', 'market', 'language')
            }
        ], recursive := true),
        period_start
    from claim_wait_histogram_3_quantiles
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Turnaround time, 50 %
            {
                'metric_id': 'turnaround_time_p50',
                'numerator': cast(turnaround_time_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': turnaround_time_p50 is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            -- Turnaround time, 90 %
            {
                'metric_id': 'turnaround_time_p90',
                'numerator': cast(turnaround_time_p90 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': turnaround_time_p90 is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            -- Turnaround time, 95 %
            {
                'metric_id': 'turnaround_time_p95',
                'numerator': cast(turnaround_time_p95 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(bit_count(people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': turnaround_time_p95 is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            }
        ], recursive := true),
        period_start
    from turnaround_histogram_4_quantiles
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    numerator,
    denominator,
    sum_of_squares,
    n,
    people_at_least,
    not_estimable_reason,
    {{ batch() }} as _batch,
    period_start
from metrics
where is_present
