{# What is counted and weighed of verdicts: of each column its name, of which verdicts, and the value (none: one each).
   Rows need `is_drawn` and `error_severity` besides the columns of int_judged_decisions. Summed by day in
   int_verdicts_daily, and verdict by verdict where intervals need to know whose decisions go together. #}
{% macro verdict_sums() %}
    {%- set sums = [] -%}
    {%- for stage in ['initial', 'final'] -%}
        {%- set judged = 'is_drawn and ' ~ stage ~ '_cell is not null' -%}
        {%- set labelled = 'is_drawn and ' ~ stage ~ "_cell = 'true_positive' and is_" ~ stage ~ '_policy_same' -%}
        {%- for cell in ['true_positive', 'false_positive', 'false_negative', 'true_negative'] -%}
            {%- set where = 'is_drawn and ' ~ stage ~ "_cell = '" ~ cell ~ "'" -%}
            {%- do sums.append({'name': stage ~ '_' ~ cell ~ 's', 'where': where, 'value': none}) -%}
            {%- do sums.append({'name': stage ~ '_' ~ cell ~ '_weight', 'where': where, 'value': 'weight'}) -%}
        {%- endfor -%}
        {%- do sums.append({
            'name': stage ~ '_same_action_weight', 'where': judged ~ ' and outcome = ' ~ stage ~ '_outcome', 'value': 'weight'
        }) -%}
        {%- do sums.append({'name': stage ~ '_same_policy_weight', 'where': labelled, 'value': 'weight'}) -%}
        {%- do sums.append({
            'name': stage ~ '_labelled_weight', 'where': labelled ~ ' is not null', 'value': 'weight'
        }) -%}
        {%- do sums.append({'name': stage ~ '_labelled_audits', 'where': labelled ~ ' is not null', 'value': none}) -%}
        {%- do sums.append({
            'name': stage ~ '_squared_weight', 'where': judged, 'value': 'cast(weight as decimal(28, 6)) * weight',
            'type': 'decimal(38, 12)'
        }) -%}
    {%- endfor -%}
    {%- set scored = 'is_drawn and final_cell is not null and error_severity is not null' -%}
    {%- set escalated = "is_drawn and outcome = 'escalate' and is_escalation_due" -%}
    {%- do sums.append({'name': 'scored_audits', 'where': scored, 'value': none}) -%}
    {%- do sums.append({
        'name': 'possible_severity_weight', 'where': scored, 'value': var('highest_severity') ~ ' * weight'
    }) -%}
    {%- do sums.append({'name': 'error_severity_weight', 'where': scored, 'value': 'error_severity * weight'}) -%}
    {%- do sums.append({
        'name': 'critical_error_weight', 'where': 'is_drawn and error_severity = ' ~ var('highest_severity'), 'value': 'weight'
    }) -%}
    {%- do sums.append({'name': 'escalations_audited', 'where': escalated ~ ' is not null', 'value': none}) -%}
    {%- do sums.append({'name': 'escalation_weight', 'where': escalated ~ ' is not null', 'value': 'weight'}) -%}
    {%- do sums.append({'name': 'due_escalation_weight', 'where': escalated, 'value': 'weight'}) -%}
    {{ return(sums) }}
{% endmacro %}

{# Judged decisions with what those columns rest on. #}
{% macro weighed_verdicts(affected) %}
    {%- set sql -%}
        select
            *,
            -- An error whose severity nobody gave cannot be scored; what is right has none.
            case when final_cell in ('false_positive', 'false_negative') then severity else 0 end as error_severity,
            sample_design in ('random', 'stratified') and weight is not null as is_drawn
        from {{ ref('int_judged_decisions') }}
        where {{ affected }}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
