{# Returns the rows for which any of the expressions is not true, with all their columns and the first one that fails:
   one wide test in place of many small ones. #}
{% test holds(model, expressions) %}
select
    case
        {%- for expression in expressions %}
        when not coalesce({{ expression }}, false) then {{ literal(expression) }}
        {%- endfor %}
    end as broken_expression,
    tested.*
from {{ model }} as tested
where
    not coalesce(
        {%- for expression in expressions %}
        ({{ expression }}){{ ' and' if not loop.last }}
        {%- endfor %}, false
    )
{% endtest %}
