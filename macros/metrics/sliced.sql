{# `aggregates` of `relation` by the columns `by`, in every slice of every scope: each row once in each slice that it belongs
   to. A slice is all, or a member of one of `entities`. A scope is all, a vendor or a market, so that who may see one of
   them has all its slices and nothing else's. In two steps, since the first leaves few rows for the second: by slice,
   vendor and market, then by slice and scope. An aggregate must be one of itself: a sum of sums, a union of sets. #}
{% macro sliced(relation, entities, by, aggregates) %}
    {%- set scopes = [] -%}
    {%- set others = [] -%}
    {%- for entity in entities -%}
        {%- do (scopes if entity.name in ('vendor', 'market') else others).append(entity.name) -%}
    {%- endfor -%}
    {%- set kept = by + scopes -%}
    {%- set sql -%}
        with split as (
            select
                {{ kept | join(', ') }},
                {%- if others %}
                case
                    {%- for name in others %}
                    when grouping({{ name }}) = 0 then '{{ name }}'
                    {%- endfor %}
                    else 'all'
                end as slice_type,
                {%- else %}
                'all' as slice_type,
                {%- endif %}
                coalesce({% for name in others %}{{ name }}, {% endfor %}'all') as slice
                {%- for name, aggregate in aggregates.items() %},
                {{ aggregate }} as {{ name }}
                {%- endfor %}
            from {{ relation }}
            group by grouping sets (
                ({{ kept | join(', ') }})
                {%- for name in others %},
                ({{ (kept + [name]) | join(', ') }})
                {%- endfor %}
            )
        ),

        placed as (
            select * from split
            {%- for scope in scopes %}
            union all
            select
                {{ kept | join(', ') }},
                '{{ scope }}' as slice_type,
                {{ scope }} as slice
                {%- for name in aggregates %},
                {{ name }}
                {%- endfor %}
            from split
            where slice_type = 'all'
            {%- endfor %}
        ),

        scoped as (
            select
                *,
                'all' as scope_type,
                'all' as scope
            from placed
            {%- for scope in scopes %}
            union all
            select
                *,
                '{{ scope }}' as scope_type,
                {{ scope }} as scope
            from placed
            where {{ scope }} not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
            {%- endfor %}
        )

        select
            {{ by | join(', ') }},
            scope_type,
            scope,
            slice_type,
            slice
            {%- for name, aggregate in aggregates.items() %},
            {{ aggregate }} as {{ name }}
            {%- endfor %}
        from scoped
        group by {{ by | join(', ') }}, scope_type, scope, slice_type, slice
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
