-- By quarter of decision, of queues and levels of automation of which decisions without an enforcement action were
-- audited: of others, what is violative would be a share of enforcement actions.
with bins as (
    select
        *,
        {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
    from {{ ref('int_detector_bins_daily') }}
),

audited as (
    select
        *,
        sum(approvals) over (partition by queue_id, automation_level, quarter_starting_on) as audited_approvals
    from bins
)

select
    model_version,
    automation_level,
    score_bin,
    sum(audits) as audits,
    sum(weight) as weight,
    sum(squared_weight) as squared_weight,
    sum(violative_weight) as violative_weight,
    sum(squared_violative_weight) as squared_violative_weight,
    sum(score_weight) as score_weight,
    quarter_starting_on
from audited
where audited_approvals > 0
group by model_version, automation_level, score_bin, quarter_starting_on
