{# Whether any decision without a measure of the row's queue was audited with a known probability in `period`, a column: where
   none was, what is known of the queue is of its measures alone, and neither its accuracy nor how it compares can be told.
   Rows have the columns of int_human_verdicts_daily. #}
{% macro are_approvals_audited(period) -%}
sum(
            initial_false_negatives + initial_true_negatives + final_false_negatives + final_true_negatives
        ) over (partition by queue_id, {{ period }}) > 0
{%- endmacro %}
