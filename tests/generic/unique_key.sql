{# Returns keys that occur more than once or are missing a part. With `touched_by`, only of days that the last run
   touched: unique by construction elsewhere, and a fact of 100 million rows is not grouped again every day. #}
{% test unique_key(model, columns, touched_by=none, day='event_on') %}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
{% if touched_by is not none -%}
where {{ day }} in (
    select event_on from {{ ref(touched_by) }} where _batch = (select max(_batch) from {{ ref(touched_by) }})
)
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1 {% for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
