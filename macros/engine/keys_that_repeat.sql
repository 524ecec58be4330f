{# Returns keys that occur more than once or are missing a part. With `affected`, an affected_ model, only of the days that this run
   affected (by itself, `dbt test` takes those of the last run that affected any): keys are unique by construction, and a
   fact of 100 million rows is not grouped again every day. Hashes of eight bytes are grouped first; only what shares
   one is grouped by the key itself. #}
{% macro keys_that_repeat(model, columns, affected=none, day='event_on') %}
with tested as (
    select {{ columns | join(', ') }}, {{ hash64(columns) }} as key_hash
    from {{ model }}
    {% if affected is not none -%}
    where {{ affected_in_this_run(affected, day) }}
    {%- endif %}
),

repeated as (
    select key_hash
    from tested
    group by key_hash
    having count(*) > 1
)

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from (
    select tested.*
    from tested
    semi join repeated on tested.key_hash = repeated.key_hash
    union all
    select tested.*
    from tested
    where {% for column in columns %}{{ 'or ' if not loop.first }}{{ column }} is null {% endfor %}
) as suspects
group by {{ columns | join(', ') }}
having count(*) > 1 {% for column in columns %} or {{ column }} is null{% endfor %}
{% endmacro %}
