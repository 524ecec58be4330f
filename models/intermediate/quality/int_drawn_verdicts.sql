-- The columns that int_human_verdicts_daily sums, audit by audit, and whose decision it was.
-- depends_on: {{ ref('int_judged_decisions') }}
with verdicts as (
    {{ weighed_verdicts('true') }}
)

select
    decision_id,
    moderator_key,
    queue_id,
    suspected_policy_code,
    decided_policy_code,
    true_policy_code,
    market,
    language,
    content_type,
    site_id,
    vendor_id,
    {%- for column in verdict_sums() %}
    {%- if column.value is none %}
    cast(coalesce({{ column.where }}, false) as bigint) as {{ column.name }},
    {%- else %}
    cast(case when {{ column.where }} then {{ column.value }} else 0 end as {{ column.type or 'decimal(28, 6)' }})
        as {{ column.name }},
    {%- endif %}
    {%- endfor %}
    cast(coalesce(is_provisional, false) as bigint) as provisional_audits,
    event_on
from verdicts
where is_drawn and is_production
