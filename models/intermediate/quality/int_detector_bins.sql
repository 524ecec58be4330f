-- By quarter of decision.
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
    {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
from {{ ref('int_detector_bins_daily') }}
group by model_version, automation_level, score_bin, {{ period_start("'quarter'", 'event_on') }}
