-- Returns keys that occur more than once or lack a part, of what is unique by construction and read by nothing that a
-- repeated key would spoil: one test of all costs a run less than one of each.
{{ config(group='people', meta={'owner': 'analytics-engineering'}) }}

-- By the days that this run affected, where a relation is large.
{%- set relations = [
    ('fct_insight_requests', ['request_id'], none, none),
    ('fct_management_actions', ['action_id'], none, none),
    ('fct_appeals', ['appeal_id'], 'affected_appeal_days', 'decided_on'),
    ('fct_calibration_ratings', ['rating_id'], none, none),
    ('fct_configuration_checks', ['queue_id', 'setting', 'valid_from'], none, none),
    ('fct_tasks', ['task_id'], 'affected_task_days', 'enqueued_on'),
    ('fct_user_reports', ['report_id'], 'affected_staging_days', 'reported_on'),
    ('fct_view_samples', ['sample_id'], none, none),
    ('fct_audit_frames', ['frame_id', 'stratum'], none, none),
    ('fct_audits', ['audit_id'], 'affected_staging_days', 'audited_on'),
    ('fct_rca_reviews', ['review_id'], none, none),
    ('fct_scorecard_ratings', ['subject_type', 'subject_id', 'category', 'rated_at'], none, none),
    ('fct_verdicts', ['decision_id'], 'affected_verdict_days', 'decided_on'),
    ('fct_survey_responses', ['response_id'], none, none),
    ('fct_authority_orders', ['order_id'], none, none),
    ('fct_monthly_recipients', ['service', 'scope', 'period_start'], none, none),
    ('fct_statements_of_reasons', ['uuid'], 'affected_staging_days', 'stated_on'),
    ('fct_management_action_people', ['action_id'], none, none),
    ('mart_insight_requests', ['request_id'], none, none),
    ('mart_management_actions', ['action_id'], none, none),
    ('fct_calibration_rating_people', ['rating_id'], none, none),
    ('fct_configuration_changes', ['queue_id', 'setting', 'changed_at'], none, none),
    ('fct_experiment_units', ['experiment_id', 'unit_type', 'unit_key'], 'affected_staging_days', 'landed_on'),
    ('mart_policy_change_impact', ['policy_code', 'policy_version', 'slice_type', 'slice'], none, none),
    ('fct_audit_people', ['audit_id'], 'affected_staging_days', 'audited_on'),
    ('mart_support_experience', ['reporting_on', 'group_id', 'channel', 'priority'], 'affected_support_days', 'reporting_on'),
    ('fct_coaching_sessions', ['coaching_id'], none, none),
    ('fct_training_completions', ['moderator_key', 'module', 'completed_at'], none, none),
    ('rpt_queue_review', ['month_starting_on', 'queue'], none, none),
    ('rpt_vendor_review', ['month_starting_on', 'vendor'], none, none),
    ('quarantined_rows', ['landed_file', 'landed_row'], none, none),
    ('int_people', ['person_id'], none, none),
    ('int_schedule_pieces', ['schedule_id', 'from_at'], none, none),
] %}

{%- for area in ['efficiency', 'workforce', 'quality', 'appeals', 'exposure', 'support'] -%}
    {%- do relations.append((
        'int_' ~ area ~ '_slices', ['reporting_on', 'scope_type', 'scope', 'slice_type', 'slice'],
        'affected_metric_days', 'reporting_on',
    )) -%}
{%- endfor %}

{% for relation, columns, affected_by, day in relations -%}
select
    '{{ relation }}' as relation,
    concat_ws(
        ' | '
        {%- for name in columns %},
        coalesce(cast({{ name }} as varchar), '(null)')
        {%- endfor %}
    ) as row_key,
    row_count
from ({{ keys_that_repeat(ref(relation), columns, ref(affected_by) if affected_by else none, day) }}) as repeated
{{ 'union all' if not loop.last }}
{% endfor %}
