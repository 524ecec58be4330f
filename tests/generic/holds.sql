{# Returns the rows for which any of the expressions is not true, with all their columns and the first one that fails, and with
   `key` the rows whose key (by a hash of eight bytes) is another row's, too, or lacks a part: one wide test in place of many
   small ones. With `affected_by`, only of the days that this run affected. #}
{% test holds(model, expressions, key=none, affected_by=none, day='event_on') %}
{%- set affected = affected_in_this_run(ref(affected_by), day) if affected_by is not none else 'true' %}
{%- set parts = [] %}
{%- for column in key or [] %}{%- do parts.append(column ~ ' is not null') %}{%- endfor %}
{%- set expressions = expressions + parts %}
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
    and {{ affected }}
{%- if key %}
union all
select
    {{ literal('the key is unique: ' ~ key | join(', ')) }} as broken_expression,
    tested.*
from {{ model }} as tested
where
    {{ hash64(key) }} in (
        select {{ hash64(key) }}
        from {{ model }}
        where {{ affected }}
        group by {{ hash64(key) }}
        having count(*) > 1
    )
    and {{ affected }}
{%- endif %}
{% endtest %}
