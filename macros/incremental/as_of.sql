{# The row of `relation` that was in force on `on_day`: a left join whose right side has valid_from and valid_to, both
   inclusive and never null, and no overlap for a key. Every as-of join in the project goes through here. #}
{% macro as_of_join(relation, alias, keys, on_day) %}
left join {{ relation }} as {{ alias }}
    on {{ keys }}
    and {{ on_day }} between {{ alias }}.valid_from and {{ alias }}.valid_to
{% endmacro %}

{# Whether a version that is in force from `valid_from_at` until `valid_until_at`, exclusive, is so at `instant`. #}
{% macro in_force_at(alias, instant) %}
    {{ return(instant ~ ' >= ' ~ alias ~ '.valid_from_at and ' ~ instant ~ ' < ' ~ alias ~ '.valid_until_at') }}
{% endmacro %}

{# The last day of a period that is still open. #}
{% macro forever() %}date '9999-12-31'{% endmacro %}

{# The last day of a row that stands from `valid_from` on: its own `valid_to`, or the day before the next of its kind
   begins, where that is earlier; never null. #}
{% macro last_valid_day(kind) -%}
least(
            coalesce(valid_to, {{ forever() }}),
            coalesce(lead(valid_from) over (partition by {{ kind }} order by valid_from) - 1, {{ forever() }})
        )
{%- endmacro %}
