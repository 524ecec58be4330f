{# Point values from the weighted cells of the confusion matrix, `stage` being initial or final; null where the
   denominator is zero. Positive = violative. #}
{% macro accuracy_columns(stage) %}
    {%- set tp = stage ~ '_true_positive_weight' -%}
    {%- set fp = stage ~ '_false_positive_weight' -%}
    {%- set fn = stage ~ '_false_negative_weight' -%}
    {%- set tn = stage ~ '_true_negative_weight' -%}
    {%- set all = '(' ~ [tp, fp, fn, tn] | join(' + ') ~ ')' -%}
    {%- set sql -%}
        cast({{ tp }} + {{ tn }} as double) / nullif({{ all }}, 0) as {{ stage }}_audit_accuracy,
        cast({{ stage }}_same_action_weight as double) / nullif({{ all }}, 0) as {{ stage }}_audit_action_accuracy,
        cast({{ stage }}_same_policy_weight as double)
            / nullif({{ stage }}_labelled_weight, 0) as {{ stage }}_audit_policy_label_accuracy,
        cast({{ tp }} as double) / nullif({{ tp }} + {{ fp }}, 0) as {{ stage }}_audit_precision,
        cast({{ fn }} as double) / nullif({{ fn }} + {{ tn }}, 0) as {{ stage }}_leakage_rate,
        cast({{ fp }} as double) / nullif({{ fp }} + {{ tn }}, 0) as {{ stage }}_over_enforcement_rate
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
