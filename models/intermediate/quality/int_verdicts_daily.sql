{{ config(materialized='incremental', incremental_strategy='touched_days') }}

{%- set cells = ['true_positive', 'false_positive', 'false_negative', 'true_negative'] %}

with verdicts as (
    select
        *,
        -- An error whose severity nobody gave cannot be scored; what is right has none.
        case when final_cell in ('false_positive', 'false_negative') then severity else 0 end as error_severity,
        sample_design in ('random', 'stratified') and weight is not null as is_drawn
    from {{ ref('int_judged_decisions') }}
    where {{ in_touched_days(ref('touched_verdict_days')) }}
)

select
    queue_id,
    suspected_policy_code,
    decided_policy_code,
    true_policy_code,
    market,
    language,
    content_type,
    site_id,
    vendor_id,
    automation_level,
    is_production,
    count(*) as audited_decisions,
    count(*) filter (where is_drawn) as drawn_decisions,
    count(*) filter (where not is_drawn) as targeted_decisions,
    count(*) filter (where verdict_basis = 'unresolved') as unresolved_decisions,
    count(*) filter (where verdict_basis = 'unauditable') as unauditable_decisions,
    count(*) filter (where is_disputed) as disputed_decisions,
    count(*) filter (where is_dispute_settled) as settled_disputes,
    count(*) filter (where is_dispute_accepted) as accepted_disputes,
    count(*) filter (where is_provisional) as provisional_decisions,
    count(is_pair_agreed) as paired_decisions,
    count(*) filter (where is_pair_agreed) as agreeing_pairs,
    {%- for stage in ['initial', 'final'] %}
    {%- for cell in cells %}
    count(*) filter (where is_drawn and {{ stage }}_cell = '{{ cell }}') as {{ stage }}_{{ cell }}s,
    cast(coalesce(sum(case when is_drawn and {{ stage }}_cell = '{{ cell }}' then weight end), 0) as decimal(28, 6))
        as {{ stage }}_{{ cell }}_weight,
    {%- endfor %}
    cast(coalesce(sum(
        case when is_drawn and {{ stage }}_cell is not null and outcome = {{ stage }}_outcome then weight end
    ), 0) as decimal(28, 6)) as {{ stage }}_same_action_weight,
    cast(coalesce(sum(
        case when is_drawn and {{ stage }}_cell = 'true_positive' and is_{{ stage }}_policy_same then weight end
    ), 0) as decimal(28, 6)) as {{ stage }}_same_policy_weight,
    cast(coalesce(sum(
        case
            when is_drawn and {{ stage }}_cell = 'true_positive' and is_{{ stage }}_policy_same is not null then weight
        end
    ), 0) as decimal(28, 6)) as {{ stage }}_labelled_weight,
    count(*) filter (
        where is_drawn and {{ stage }}_cell = 'true_positive' and is_{{ stage }}_policy_same is not null
    ) as {{ stage }}_labelled_audits,
    cast(coalesce(sum(
        case when is_drawn and {{ stage }}_cell is not null then cast(weight as decimal(28, 6)) * weight end
    ), 0) as decimal(38, 12)) as {{ stage }}_squared_weight,
    {%- endfor %}
    count(*) filter (where is_drawn and final_cell is not null and error_severity is not null) as scored_audits,
    cast(coalesce(sum(
        case
            when is_drawn and final_cell is not null and error_severity is not null
                then {{ var('highest_severity') }} * weight
        end
    ), 0) as decimal(28, 6)) as possible_severity_weight,
    cast(coalesce(sum(
        case when is_drawn and final_cell is not null then error_severity * weight end
    ), 0) as decimal(28, 6)) as error_severity_weight,
    cast(coalesce(sum(
        case when is_drawn and error_severity = {{ var('highest_severity') }} then weight end
    ), 0) as decimal(28, 6)) as critical_error_weight,
    count(*) filter (
        where is_drawn and outcome = 'escalate' and is_escalation_due is not null
    ) as escalations_audited,
    cast(coalesce(sum(
        case when is_drawn and outcome = 'escalate' and is_escalation_due is not null then weight end
    ), 0) as decimal(28, 6)) as escalation_weight,
    cast(coalesce(sum(
        case when is_drawn and outcome = 'escalate' and is_escalation_due then weight end
    ), 0) as decimal(28, 6)) as due_escalation_weight,
    event_on,
    {{ batch() }} as _batch
from verdicts
group by
    queue_id, suspected_policy_code, decided_policy_code, true_policy_code, market, language, content_type, site_id,
    vendor_id, automation_level, is_production, event_on
