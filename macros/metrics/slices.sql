{# Measures of the semantic models that are `refreshed` in one way, by day, in every slice of every scope: a row per
   semantic model, day, scope and slice, with a column for every measure of any. #}
{% macro metric_slices(refreshed, touched=none) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set stored = [] -%}
    {%- for node in semantic_models() if refreshed_how(node) == refreshed and summed(node) -%}
        {%- do stored.append(node) -%}
    {%- endfor -%}
    {%- set sql -%}
    with
    {%- for node in stored %}
    {%- set people = node.config.meta.get('people') %}
    {%- set sums = {} %}
    {%- for measure in summed(node) %}{%- do sums.update({measure.name: 'sum(' ~ measure.name ~ ')'}) -%}{%- endfor %}
    {%- if people %}{%- do sums.update({'people_bits': union_of_people('people_bits')}) -%}{%- endif %}
    {{ node.name }}_cells as (
        {{ cells_of(node, touched, people) }}
    ),

    {{ node.name }}_sliced as (
        {{ sliced(node.name ~ '_cells', entities_of(node), ['reporting_on'], sums) }}
    ),
    {%- endfor %}

    united as (
        {%- for node in stored %}
        select
            '{{ node.name }}' as semantic_model,
            scope_type,
            scope,
            slice_type,
            slice,
            {%- for other in stored %}
            {%- set is_own = other.name == node.name %}
            {%- for measure in summed(other) %}
            cast({{ measure.name if is_own else 'null' }} as decimal(38, 12)) as {{ measure.name }},
            {%- endfor %}
            {%- if other.config.meta.get('people') %}
            cast({{ 'people_bits' if is_own else 'null' }} as bigint) as {{ other.name }}_people_bits,
            {%- endif %}
            {%- endfor %}
            reporting_on
        from {{ node.name }}_sliced
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select * from united
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The measures of a semantic model by day and entities: fewer rows to slice than its roll-up has. #}
{% macro cells_of(node, touched, people) %}
    {%- set day = day_of(node) -%}
    {%- set by = [] -%}
    {%- for entity in entities_of(node) -%}
        {%- do by.append('coalesce(' ~ (entity.expr or entity.name) ~ ", '(none)')") -%}
    {%- endfor -%}
    {%- set sql -%}
        select
            {%- for entity in entities_of(node) %}
            {{ by[loop.index0] }} as {{ entity.name }},
            {%- endfor %}
            {%- for measure in summed(node) %}
            {{ measure.agg }}({{ measure.expr or measure.name }}) as {{ measure.name }},
            {%- endfor %}
            {%- if people %}
            {{ union_of_people(people) }} as people_bits,
            {%- endif %}
            {{ day }} as reporting_on
        from {{ node.node_relation.relation_name }}
        where {{ day }} is not null and {{ in_days_of_area(touched, node.config.meta.touched_by, day) if touched else 'true' }}
        group by {{ (by + [day]) | join(', ') }}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
