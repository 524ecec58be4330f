{# Returns keys that occur more than once or are missing a part. With `touched_by`, only of the days that this run
   touched (by itself, `dbt test` takes those of the last run that touched any): keys are unique by construction, and a
   fact of 100 million rows is not grouped again every day. #}
{% test unique_key(model, columns, touched_by=none, day='event_on') %}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
{% if touched_by is not none -%}
where {{ touched_in_this_run(ref(touched_by), day) }}
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1 {% for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
