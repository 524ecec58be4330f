-- Over 120 lines: one comparison, raw and over shared work, before and after disputes.
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'quarter_starting_on', 'grain': 'quarter'},
) }}

-- Vendors two by two, as they are and as if both had the same work: the mix of strata that both have audits in, taken
-- together. What only one of them does cannot be compared, and the share of overlap says how much that is; nor can
-- queues of which enforcement actions alone were audited. Terms are decimals, so that sums do not depend on order.
{%- set stages = ['initial', 'final'] %}
{%- set sums = [
    'initial_audits', 'initial_right', 'initial_judged', 'final_audits', 'final_right', 'final_judged',
    'initial_errors', 'disputed_initial_errors',
] %}

with verdicts as (
    select
        *,
        {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
    from {{ ref('int_human_verdicts_daily') }}
),

audited as (
    select
        *,
        {{ are_approvals_audited('quarter_starting_on') }} as are_approvals_audited
    from verdicts
    where {{ in_affected_days(ref('affected_verdict_days'), config.get('meta').day) }}
),

judged as (
    select
        vendor_id,
        queue_id,
        suspected_policy_code,
        language,
        content_type,
        initial_true_positives + initial_true_negatives + initial_false_positives
        + initial_false_negatives as initial_audits,
        initial_true_positive_weight + initial_true_negative_weight as initial_right,
        initial_true_positive_weight + initial_true_negative_weight + initial_false_positive_weight
        + initial_false_negative_weight as initial_judged,
        final_true_positives + final_true_negatives + final_false_positives
        + final_false_negatives as final_audits,
        final_true_positive_weight + final_true_negative_weight as final_right,
        final_true_positive_weight + final_true_negative_weight + final_false_positive_weight
        + final_false_negative_weight as final_judged,
        initial_errors,
        disputed_initial_errors,
        people_bits,
        quarter_starting_on
    from audited
    where vendor_id <> '(unmapped)' and are_approvals_audited
),

strata as (
    select
        vendor_id,
        queue_id,
        suspected_policy_code,
        language,
        content_type,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        {{ union_of_people('people_bits') }} as people_bits,
        quarter_starting_on
    from judged
    group by vendor_id, queue_id, suspected_policy_code, language, content_type, quarter_starting_on
),

summed as (
    select
        vendor_id,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        coalesce({{ people_at_least(union_of_people('people_bits')) }}, 0) >= {{ var('minimum_people') }}
            as has_enough_people,
        quarter_starting_on
    from strata
    group by vendor_id, quarter_starting_on
),

-- Figures of few people are withheld, and so is their difference to others, which would reveal them.
publishable as (
    select
        vendor_id,
        {%- for name in sums %}
        case when has_enough_people then {{ name }} end as {{ name }},
        {%- endfor %}
        has_enough_people,
        quarter_starting_on
    from summed
),

vendors as (
    select
        *,
        cast(initial_right as double) / nullif(cast(initial_judged as double), 0) as initial_accuracy,
        cast(final_right as double) / nullif(cast(final_judged as double), 0) as final_accuracy
    from publishable
),

paired as (
    select
        own.vendor_id,
        other.vendor_id as compared_vendor_id,
        {%- for stage in stages %}
        case
            when own.{{ stage }}_judged > 0 and other.{{ stage }}_judged > 0
                then cast(own.{{ stage }}_judged + other.{{ stage }}_judged as double)
        end as {{ stage }}_shared,
        cast(own.{{ stage }}_right as double) / nullif(cast(own.{{ stage }}_judged as double), 0)
            as {{ stage }}_own_rate,
        cast(other.{{ stage }}_right as double) / nullif(cast(other.{{ stage }}_judged as double), 0)
            as {{ stage }}_other_rate,
        {%- endfor %}
        own.quarter_starting_on
    from strata as own
    inner join strata as other
        on
            own.quarter_starting_on = other.quarter_starting_on
            and own.queue_id = other.queue_id
            and own.suspected_policy_code = other.suspected_policy_code
            and own.language = other.language
            and own.content_type = other.content_type
            and own.vendor_id <> other.vendor_id
),

common as (
    select
        vendor_id,
        compared_vendor_id,
        {%- for stage in stages %}
        cast(sum(cast({{ stage }}_shared as decimal(38, 9))) as double) as {{ stage }}_shared,
        cast(sum(cast({{ stage }}_own_rate * {{ stage }}_shared as decimal(38, 9))) as double) as {{ stage }}_own_right,
        cast(sum(cast({{ stage }}_other_rate * {{ stage }}_shared as decimal(38, 9))) as double)
            as {{ stage }}_other_right,
        {%- endfor %}
        quarter_starting_on
    from paired
    group by vendor_id, compared_vendor_id, quarter_starting_on
),

final as (
    select
        own.vendor_id,
        other.vendor_id as compared_vendor_id,
        {%- for stage in stages %}
        cast(own.{{ stage }}_audits as bigint) as {{ stage }}_audits,
        cast(other.{{ stage }}_audits as bigint) as {{ stage }}_compared_audits,
        {%- endfor %}
        {%- for side, prefix in [('own', ''), ('other', 'compared_')] %}
        cast({{ side }}.initial_errors as bigint) as {{ prefix }}initial_errors,
        cast({{ side }}.disputed_initial_errors as bigint) as {{ prefix }}disputed_initial_errors,
        cast({{ side }}.disputed_initial_errors as double) / nullif({{ side }}.initial_errors, 0)
            as {{ prefix }}dispute_rate,
        {%- endfor %}
        {%- for stage in stages %}
        own.{{ stage }}_accuracy,
        other.{{ stage }}_accuracy as {{ stage }}_compared_accuracy,
        own.{{ stage }}_accuracy - other.{{ stage }}_accuracy as {{ stage }}_raw_gap,
        common.{{ stage }}_own_right / nullif(common.{{ stage }}_shared, 0)
        - common.{{ stage }}_other_right / nullif(common.{{ stage }}_shared, 0) as {{ stage }}_standardised_gap,
        coalesce(common.{{ stage }}_shared, 0)
        / nullif(cast(own.{{ stage }}_judged + other.{{ stage }}_judged as double), 0) as {{ stage }}_overlap_share,
        {%- endfor %}
        own.quarter_starting_on
    from vendors as own
    inner join vendors as other
        on own.quarter_starting_on = other.quarter_starting_on and own.vendor_id <> other.vendor_id
    left join common
        on
            own.vendor_id = common.vendor_id
            and other.vendor_id = common.compared_vendor_id
            and own.quarter_starting_on = common.quarter_starting_on
            and own.has_enough_people
            and other.has_enough_people
)

select
    *,
    {{ build_id() }} as build_id,
    {{ batch() }} as _batch
from final
