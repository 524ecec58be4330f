{# A saved query of models/semantic as a table, from what may be published: dbt itself runs no exports. A row per period and
   member of the entity that it groups by, a column per metric. #}
{% macro saved_query(name, values) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set query = graph.saved_queries['saved_query.' ~ project_name ~ '.' ~ name].query_params -%}
    {%- set asked = query.group_by | join(' ') -%}
    {%- set grain = modules.re.search("TimeDimension[(]'metric_time', '([a-z]+)'[)]", asked) -%}
    {%- set entity = modules.re.search("Entity[(]'([a-z_]+)'[)]", asked) -%}
    {%- if not (grain and entity and query.group_by | length == 2) or query.where -%}
        {{ exceptions.raise_compiler_error(
            'saved query ' ~ name ~ " should group by TimeDimension('metric_time', <grain>) and one Entity(), and have no where"
        ) }}
    {%- endif -%}
    {%- set sql -%}
        select
            slice as {{ entity.group(1) }},
            {%- for metric in query.metrics %}
            max(case when metric_id = '{{ metric }}' then metric_value end) as {{ metric }},
            {%- endfor %}
            bool_and(is_complete) as is_complete,
            period_start as {{ grain.group(1) }}_starting_on
        from {{ values }}
        where
            metric_id in ({{ literals(query.metrics) }})
            and grain = '{{ grain.group(1) }}'
            and scope_type = 'all'
            and slice_type = '{{ entity.group(1) }}'
        group by slice, period_start
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
