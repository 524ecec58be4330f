{# Whether all that was decided on a day can no more be appealed within the window, as far as is known: `as_of` is int_as_of.
   The window of what was decided at the end of a day ends at the end of another. #}
{% macro is_window_over(day) -%}
{{ day }} + {{ var('appeal_window_days') }} < as_of.as_of_day
{%- endmacro %}
