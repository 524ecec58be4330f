{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    group='people',
    access='private',
    meta={'day': 'week_starting_on', 'grain': 'week'},
) }}

{%- set counts = [
    'audited_decisions', 'drawn_decisions', 'targeted_decisions', 'unresolved_decisions', 'unauditable_decisions',
    'disputed_decisions', 'initial_errors', 'disputed_initial_errors', 'provisional_decisions', 'escalations_audited',
] %}
{%- set cells = ['true_positive', 'false_positive', 'false_negative', 'true_negative'] %}
{%- set stages = ['initial', 'final'] %}
{%- set dimensions = [
    'queue_id', 'decided_policy_code', 'true_policy_code', 'market', 'language', 'content_type', 'site_id', 'vendor_id',
    'automation_level',
] %}

select
    {{ dimensions | join(',\n    ') }},
    {%- for name in counts %}
    cast(sum({{ name }}) as bigint) as {{ name }},
    {%- endfor %}
    {%- for stage in stages %}
    {%- for cell in cells %}
    cast(sum({{ stage }}_{{ cell }}s) as bigint) as {{ stage }}_{{ cell }}s,
    {%- endfor %}
    {%- for cell in cells %}
    cast(sum({{ stage }}_{{ cell }}_weight) as decimal(18, 6)) as {{ stage }}_{{ cell }}_weight,
    {%- endfor %}
    cast(sum({{ stage }}_same_action_weight) as decimal(18, 6)) as {{ stage }}_same_action_weight,
    cast(sum({{ stage }}_same_policy_weight) as decimal(18, 6)) as {{ stage }}_same_policy_weight,
    cast(sum({{ stage }}_labelled_weight) as decimal(18, 6)) as {{ stage }}_labelled_weight,
    {%- endfor %}
    cast(sum(escalation_weight) as decimal(18, 6)) as escalation_weight,
    cast(sum(due_escalation_weight) as decimal(18, 6)) as due_escalation_weight,
    cast(date_trunc('week', event_on) as date) as week_starting_on,
    {{ build_id() }} as build_id,
    {{ batch() }} as _batch
from {{ ref('int_verdicts_daily') }}
where (is_production or automation_level = 'full') and {{ in_affected_days(ref('affected_verdict_days')) }}
group by {{ dimensions | join(', ') }}, week_starting_on
