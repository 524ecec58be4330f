{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- depends_on: {{ ref('int_judged_decisions') }}
with verdicts as (
    {{ weighed_verdicts(in_affected_days(ref('affected_verdict_days'))) }}
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
    -- Errors as in int_errors_daily, but as they stood before disputes, which took some of them away.
    count(*) filter (where initial_cell in ('false_positive', 'false_negative')) as initial_errors,
    count(*) filter (where initial_cell in ('false_positive', 'false_negative') and is_disputed)
        as disputed_initial_errors,
    count(*) filter (where is_dispute_settled) as settled_disputes,
    count(*) filter (where is_dispute_accepted) as accepted_disputes,
    count(*) filter (where is_provisional) as provisional_decisions,
    count(is_pair_agreed) as paired_decisions,
    count(*) filter (where is_pair_agreed) as agreeing_pairs,
    count(*) filter (where is_gold_violative and is_violative_initially is not null) as gold_violative_items,
    count(*) filter (where is_gold_violative and is_violative_initially) as gold_violative_items_found,
    count(*) filter (where not is_gold_violative and is_violative_initially is not null) as gold_non_violative_items,
    count(*) filter (where not is_gold_violative and not is_violative_initially) as gold_non_violative_items_found,
    {%- for column in verdict_sums() %}
    {%- if column.value is none %}
    count(*) filter (where {{ column.where }}) as {{ column.name }},
    {%- else %}
    cast(coalesce(sum(
        case when {{ column.where }} then {{ column.value }} end
    ), 0) as {{ column.type or 'decimal(28, 6)' }}) as {{ column.name }},
    {%- endif %}
    {%- endfor %}
    {{ union_of_people(person_bit('moderator_key')) }} as people_bits,
    event_on,
    {{ batch() }} as _batch
from verdicts
group by
    queue_id, suspected_policy_code, decided_policy_code, true_policy_code, market, language, content_type, site_id,
    vendor_id, automation_level, is_production, event_on
