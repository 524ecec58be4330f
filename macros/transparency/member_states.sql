{# The Member States of the European Union, by the codes of markets; in its files Greece is EL. #}
{% macro member_states() %}
    {{ return([
        'AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT',
        'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK',
    ]) }}
{% endmacro %}

{# First day of the half of the calendar year that a day is in. #}
{% macro half_year_start(day) %}
    {%- set quarter = "date_trunc('quarter', " ~ day ~ ')' -%}
    {{ return(
        'cast(case when quarter(' ~ day ~ ') in (2, 4) then ' ~ plus_months(quarter, -3) ~ ' else ' ~ quarter
        ~ ' end as date)'
    ) }}
{% endmacro %}
