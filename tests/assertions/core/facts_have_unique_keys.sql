-- Returns keys of facts that occur more than once or lack a part. Facts are staged rows as they are, whose keys are
-- unique by construction: one test of all costs a run less than one of each.
{{ config(meta={'owner': 'analytics-engineering'}) }}

-- By the days that this run affected, where a fact is large.
{%- set facts = [
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
] %}

{% for fact, columns, affected_by, day in facts -%}
select
    '{{ fact }}' as fact,
    concat_ws(
        ' | '
        {%- for name in columns %},
        coalesce(cast({{ name }} as varchar), '(null)')
        {%- endfor %}
    ) as row_key,
    row_count
from ({{ keys_that_repeat(ref(fact), columns, ref(affected_by) if affected_by else none, day) }}) as repeated
{{ 'union all' if not loop.last }}
{% endfor %}
