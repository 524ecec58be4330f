-- Of production: what machines decide is never pooled into a metric of people, nor are gold, audits and appeals.
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
    audited_decisions,
    disputed_decisions,
    initial_errors,
    disputed_initial_errors,
    settled_disputes,
    accepted_disputes,
    paired_decisions,
    agreeing_pairs,
    {%- for stage in ['initial', 'final'] %}
    {%- for cell in ['true_positive', 'false_positive', 'false_negative', 'true_negative'] %}
    {{ stage }}_{{ cell }}s,
    {{ stage }}_{{ cell }}_weight,
    {%- endfor %}
    {{ stage }}_same_action_weight,
    {{ stage }}_same_policy_weight,
    {{ stage }}_labelled_weight,
    {{ stage }}_labelled_audits,
    {{ stage }}_squared_weight,
    {%- endfor %}
    scored_audits,
    possible_severity_weight,
    error_severity_weight,
    critical_error_weight,
    escalations_audited,
    escalation_weight,
    due_escalation_weight,
    people_bits,
    event_on
from {{ ref('int_verdicts_daily') }}
where is_production
