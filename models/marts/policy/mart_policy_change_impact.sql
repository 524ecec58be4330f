{{ config(materialized='table') }}

{%- set window_days = var('policy_change_window_days') %}
{#- Where nobody was audited, the figures describe no person. #}
{%- set publishable = {} %}
{%- for side in ['before', 'after'] %}
{%- do publishable.update({
    side: '(audits_' ~ side ~ ' = 0 or people_' ~ side ~ ' >= ' ~ var('minimum_people') ~ ')'
}) %}
{%- endfor %}
{%- set slices = [
    ('all', "'all'"), ('queue', 'verdicts.queue_id'), ('site', 'verdicts.site_id'), ('language', 'verdicts.language'),
    ('site and language', "verdicts.site_id || ', ' || verdicts.language"),
] %}

-- A version that takes the place of another; the first one changes nothing.
with versions as (
    select
        *,
        lag(policy_version) over (partition by policy_code order by valid_from) as former_version,
        lag(valid_from) over (partition by policy_code order by valid_from) as former_from
    from {{ ref('int_policy_versions') }}
),

-- Quality is by the suspected policy: whether the one decided is right is what the change may have moved.
verdicts as (
    select
        versions.policy_code,
        versions.policy_version,
        versions.former_version,
        verdicts.queue_id,
        verdicts.site_id,
        verdicts.language,
        case when verdicts.event_on < versions.valid_from then 'before' else 'after' end as side,
        verdicts.final_true_positives + verdicts.final_true_negatives
        + verdicts.final_false_positives + verdicts.final_false_negatives as audits,
        verdicts.final_true_positive_weight + verdicts.final_true_negative_weight as correct_weight,
        verdicts.people_bits,
        verdicts.final_false_positive_weight as false_positive_weight,
        verdicts.final_false_negative_weight as false_negative_weight,
        verdicts.final_true_positive_weight + verdicts.final_true_negative_weight
        + verdicts.final_false_positive_weight + verdicts.final_false_negative_weight as judged_weight,
        versions.valid_from as changed_on
    from versions
    inner join {{ ref('int_human_verdicts_daily') }} as verdicts
        on
            versions.policy_code = verdicts.suspected_policy_code
            -- Not of versions before the former one, nor after this one.
            and verdicts.event_on between greatest(versions.valid_from - {{ window_days }}, versions.former_from)
            and least(versions.valid_from + {{ window_days - 1 }}, versions.valid_to)
    where versions.former_version is not null
),

sliced as (
    {% for slice_type, slice in slices -%}
    select
        policy_code,
        policy_version,
        former_version,
        '{{ slice_type }}' as slice_type,
        {{ slice }} as slice,
        {%- for side in ['before', 'after'] %}
        coalesce(sum(audits) filter (where side = '{{ side }}'), 0) as audits_{{ side }},
        coalesce({{ people_at_least(union_of_people("case when side = '" ~ side ~ "' then people_bits end")) }}, 0)
            as people_{{ side }},
        {%- for name in ['correct', 'false_positive', 'false_negative', 'judged'] %}
        cast(sum({{ name }}_weight) filter (where side = '{{ side }}') as double) as {{ name }}_weight_{{ side }},
        {%- endfor %}
        {%- endfor %}
        changed_on
    from verdicts
    group by policy_code, policy_version, former_version, {{ slice }}, changed_on
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        policy_code,
        former_version,
        policy_version,
        slice_type,
        slice,
        {%- for side in ['before', 'after'] %}
        cast(case when {{ publishable[side] }} then audits_{{ side }} end as bigint) as audits_{{ side }},
        {%- endfor %}
        {%- for name, verdict in [
            ('audit_accuracy', 'correct'), ('false_positive_share', 'false_positive'),
            ('false_negative_share', 'false_negative'),
        ] %}
        {%- for side in ['before', 'after'] %}
        case
            when {{ publishable[side] }} and audits_{{ side }} >= {{ var('minimum_audits') }}
                then {{ verdict }}_weight_{{ side }} / nullif(judged_weight_{{ side }}, 0)
        end as {{ name }}_{{ side }},
        {%- endfor %}
        {%- endfor %}
        {{ publishable['before'] }} and {{ publishable['after'] }} and audits_before >= {{ var('minimum_audits') }}
        and audits_after >= {{ var('minimum_audits') }} as is_comparable,
        changed_on
    from sliced
)

select
    policy_code,
    former_version,
    policy_version,
    slice_type,
    slice,
    audits_before,
    audits_after,
    {%- for name in ['audit_accuracy', 'false_positive_share', 'false_negative_share'] %}
    {{ name }}_before,
    {{ name }}_after,
    {{ name }}_after - {{ name }}_before as {{ name }}_change,
    {%- endfor %}
    is_comparable,
    changed_on,
    {{ build_id() }} as build_id
from final
