{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- What a model said beside what drawn audits first say, in bins of a fiftieth of its score. Before disputes: an error
-- that is argued away would count as what the model found.
select
    queue_id,
    model_version,
    automation_level,
    cast(least(floor(model_score * 50), 49) as bigint) as score_bin,
    count(*) as audits,
    count(*) filter (where initial_cell in ('false_negative', 'true_negative')) as approvals,
    cast(sum(weight) as decimal(28, 6)) as weight,
    cast(sum(cast(weight as decimal(28, 6)) * weight) as decimal(38, 12)) as squared_weight,
    cast(coalesce(sum(case when is_violative_initially then weight end), 0) as decimal(28, 6)) as violative_weight,
    cast(
        sum(case when is_violative_initially then cast(weight as decimal(28, 6)) * weight else 0 end) as decimal(38, 12)
    ) as squared_violative_weight,
    cast(sum(cast(model_score as decimal(18, 9)) * weight) as decimal(38, 15)) as score_weight,
    event_on,
    {{ batch() }} as _batch
from {{ ref('int_judged_decisions') }}
where
    model_score between 0 and 1
    and model_version is not null
    and is_violative_initially is not null
    and weight is not null
    and sample_design in ('random', 'stratified')
    and (is_production or automation_level = 'full')
    and {{ in_affected_days(ref('affected_verdict_days')) }}
group by queue_id, model_version, automation_level, score_bin, event_on
