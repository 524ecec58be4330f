{# Returns the rows for which any of the expressions is not true, with all their columns and the first one that fails:
   one wide test in place of many small ones. With `touched_by`, only of the days that this run touched. #}
{% test holds(model, expressions, touched_by=none, day='event_on') %}
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
    {%- if touched_by is not none %}
    and {{ touched_in_this_run(ref(touched_by), day) }}
    {%- endif %}
{% endtest %}
