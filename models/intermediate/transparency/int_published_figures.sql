with cger as (
    select
        'cger' as source,
        'TikTok' as service,
        vintage,
        '(none)' as section,
        -- TikTok renamed two with the report of the third quarter of 2023.
        case metric
            when 'Removal rate of published' then 'Video: Removal rate of published'
            when 'Live suspension rate of published' then 'LIVE: Suspension rate of published'
            else metric
        end as metric,
        period,
        coalesce(nullif(concat_ws(
            ' x ',
            case when issue_policy <> 'all' then policy_type end,
            case when task <> 'all' then task_type end,
            case when market <> 'all' then location end
        ), ''), 'all') as slice_type,
        coalesce(nullif(concat_ws(
            ' x ',
            case when issue_policy <> 'all' then issue_policy end,
            case when task <> 'all' then task end,
            case when market <> 'all' then market end
        ), ''), 'all') as slice,
        '(none)' as surface,
        line_number,
        result as value,
        issue_policy = 'all' and task = 'all' and market = 'all' as is_whole,
        count(*) over (
            partition by
                vintage, metric, period_type, period, policy_type, issue_policy, task_type, task, location, market
        ) > 1 as is_repeated,
        false as is_over_one,
        cast(null as double) as reconstructed_value,
        false as is_inconsistent
    from {{ ref('stg_benchmarks__cger') }}
),

dsa_reports as (
    select
        'dsa_report' as source,
        reports.service,
        '(none)' as vintage,
        reports.section,
        reports.indicator as metric,
        cast(reports.period_start as varchar) as period,
        reports.scope_kind as slice_type,
        reports.scope as slice,
        coalesce(reports.surface, '(none)') as surface,
        reports.line_number,
        reports.value,
        reports.scope_kind = 'total' as is_whole,
        count(*) over (
            partition by
                reports.service, reports.period_start, reports.section, reports.indicator, reports.scope_kind,
                reports.scope, reports.surface
        ) > 1 as is_repeated,
        reports.is_rate_over_one as is_over_one,
        checks.reconstructed_accuracy as reconstructed_value,
        coalesce(checks.is_inconsistent, false) as is_inconsistent
    from {{ ref('stg_benchmarks__dsa_reports') }} as reports
    left join {{ ref('int_dsa_accuracy_checks') }} as checks
        on
            reports.service = checks.service
            and reports.period_start = checks.period_start
            and reports.surface is not distinct from checks.surface
            and reports.scope = checks.scope
            and reports.section = 'Use of automated means for content moderation'
            and reports.indicator = 'Accuracy of the automated means - Accuracy'
            and reports.line_number = checks.line_number
)

select * from cger
union all
select * from dsa_reports
