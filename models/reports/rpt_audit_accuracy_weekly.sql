{{ config(materialized='table') }}

-- Human decisions only: what automation decides is never pooled into a human metric.
with weekly as (
    select *
    from {{ ref('mart_quality_weekly') }}
    where vendor_id <> '(automated)'
),

scoped as (
    select
        *,
        'all' as scope
    from weekly
    union all
    select
        *,
        vendor_id as scope
    from weekly
    where vendor_id <> '(unmapped)'
),

-- Each row once in every slice that it belongs to.
slices as (
    {% for slice_type, slice in [('all', "'all'"), ('queue', 'queue_id'), ('site', 'site_id')] -%}
    select
        *,
        '{{ slice_type }}' as slice_type,
        {{ slice }} as slice
    from scoped
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

sliced as (
    select
        scope,
        slice_type,
        slice,
        sum(drawn_decisions) as drawn_decisions,
        least(
            {%- for stage in ['initial', 'final'] %}
            sum(
                {{ stage }}_true_positives + {{ stage }}_true_negatives
                + {{ stage }}_false_positives + {{ stage }}_false_negatives
            ){{ ',' if not loop.last }}
            {%- endfor %}
        ) as judged_decisions,
        {%- for stage in ['initial', 'final'] %}
        sum({{ stage }}_true_positive_weight + {{ stage }}_true_negative_weight) as {{ stage }}_right_weight,
        sum(
            {{ stage }}_true_positive_weight + {{ stage }}_true_negative_weight
            + {{ stage }}_false_positive_weight + {{ stage }}_false_negative_weight
        ) as {{ stage }}_weight,
        {%- endfor %}
        week_starting_on
    from slices
    group by scope, slice_type, slice, week_starting_on
),

judged as (
    select
        *,
        judged_decisions >= {{ var('minimum_audits') }} as is_reportable
    from sliced
)

select
    scope,
    slice_type,
    slice,
    cast(drawn_decisions as bigint) as drawn_decisions,
    cast(judged_decisions as bigint) as judged_decisions,
    case
        when is_reportable then cast(initial_right_weight as double) / nullif(initial_weight, 0)
    end as initial_audit_accuracy,
    case
        when is_reportable then cast(final_right_weight as double) / nullif(final_weight, 0)
    end as final_audit_accuracy,
    case
        when not is_reportable then 'fewer than {{ var('minimum_audits') }} audits with a verdict'
    end as not_reportable_reason,
    is_reportable,
    week_starting_on,
    {{ build_id() }} as build_id
from judged
