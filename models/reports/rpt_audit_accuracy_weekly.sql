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

sliced as (
    select
        scope,
        case
            when grouping(queue_id) = 0 then 'queue'
            when grouping(site_id) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue_id, site_id, 'all') as slice,
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
    from scoped
    -- The linter cannot read grouping sets; both engines do.
    group by grouping sets (  -- noqa: PRS
        (week_starting_on, scope), (week_starting_on, scope, queue_id), (week_starting_on, scope, site_id)
    )
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
