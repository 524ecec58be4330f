-- Question: how many audits a month does each queue need, so that its accuracy is known to within a margin?
--
-- dbt compile --select sample_size --vars '{sample_margin: 0.02, sample_month: 2026-06-01}'
--   sample_z (1.96)    1.96 for 95 %
--
-- Reading: `audits_needed` is for a simple draw of the month's decisions, times the design effect that the weights of
-- the month had, less what a finite population saves. `audits_done` is what there was.
-- Limits: by the accuracy of the month itself, so of a queue with few audits it is a guess, and one whose approvals
-- nobody audits has no row; for a mean over queues far fewer are needed; errors of one moderator go together, which the
-- design effect of weights does not know.
{%- set margin = var('sample_margin', 0.02) %}
{%- set z = var('sample_z', 1.96) %}
{%- set month = "date '" ~ var('sample_month', '2026-06-01') ~ "'" %}

with audited as (
    select
        slice as queue_id,
        n as audits_done,
        cast(numerator as double) / nullif(cast(denominator as double), 0) as audit_accuracy,
        cast(denominator as double) as decisions,
        n * cast(sum_of_squares as double) / nullif(power(cast(denominator as double), 2), 0) as design_effect
    from {{ ref('mart_metric_series') }}
    where
        metric_id = 'audit_accuracy'
        and grain = 'month'
        and scope_type = 'all'
        and slice_type = 'queue'
        and period_start = {{ month }}
),

simple as (
    select
        *,
        power({{ z }}, 2) * audit_accuracy * (1 - audit_accuracy) / power({{ margin }}, 2) * design_effect as infinite_n
    from audited
)

select
    queue_id,
    audit_accuracy,
    decisions,
    design_effect,
    audits_done,
    cast(ceil(infinite_n / (1 + (infinite_n - 1) / decisions)) as bigint) as audits_needed,
    {{ margin }} as margin
from simple
where infinite_n > 0
order by audits_needed desc, queue_id asc
