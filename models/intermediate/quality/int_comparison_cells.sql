{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'quarter_starting_on', 'grain': 'quarter'},
) }}

-- What sites and vendors are compared over: the same work, before and after disputes.
with verdicts as (
    select
        *,
        {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
    from {{ ref('int_human_verdicts_daily') }}
),

judged as (
    select
        *,
        {{ are_approvals_audited('quarter_starting_on') }} as are_approvals_audited
    from verdicts
    where {{ in_affected_days(ref('affected_verdict_days'), config.get('meta').day) }}
),

cells as (
    {% for group_type in ['site', 'vendor'] -%}
    {%- for stage in ['initial', 'final'] -%}
    select
        '{{ group_type }}' as group_type,
        {{ group_type }}_id as member,
        '{{ stage }}' as stage,
        queue_id,
        suspected_policy_code,
        language,
        content_type,
        {{ stage }}_true_positive_weight + {{ stage }}_true_negative_weight as correct_weight,
        {{ stage }}_true_positive_weight + {{ stage }}_true_negative_weight + {{ stage }}_false_positive_weight
        + {{ stage }}_false_negative_weight as judged_weight,
        {{ stage }}_squared_weight as squared_weight,
        quarter_starting_on
    from judged
    where {{ group_type }}_id <> '(unmapped)' and are_approvals_audited
    {{ 'union all' if not (loop.last and group_type == 'vendor') }}
    {% endfor -%}
    {%- endfor %}
)

select
    group_type,
    member,
    stage,
    queue_id || ' / ' || suspected_policy_code || ' / ' || language || ' / ' || content_type as cell,
    cast(sum(correct_weight) as decimal(28, 6)) as correct_weight,
    cast(sum(judged_weight) as decimal(28, 6)) as judged_weight,
    -- As many of equal weight as would say as much.
    cast(sum(judged_weight) as double) * cast(sum(judged_weight) as double)
    / cast(sum(squared_weight) as double) as audits,
    quarter_starting_on,
    {{ batch() }} as _batch
from cells
group by
    group_type, member, stage, queue_id, suspected_policy_code, language, content_type, quarter_starting_on
having sum(judged_weight) > 0
