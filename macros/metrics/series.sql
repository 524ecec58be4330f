{# Numerator, denominator, sum of squares and n of each metric by grain, period, scope and slice, of metrics whose measures are
   `refreshed` in one way: by_touched_days where all of them are. `relations` says where measures stand by day and slice (see
   metric_slices). Measures are summed by period once for all metrics that divide them. #}
{% macro metric_periods(refreshed, relations, touched=none) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set parts = parts_refreshed(refreshed) -%}
    {%- set predicates = predicates_by_metric(parts, touched) -%}
    {%- set read = measures_read(parts) -%}
    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%}
    {%- set sql -%}
    with grains as (
        {{ grains() }}
    ),

    {%- for name, of_model in read.items() %}

    {{ name }}_dated as (
        select
            grains.grain,
            days.scope_type,
            days.scope,
            days.slice_type,
            days.slice,
            {%- for column in of_model.columns %}
            days.{{ column }},
            {%- endfor %}
            {{ period_start('grains.grain', 'days.reporting_on') }} as period_start
        from {{ relations[refreshed_how(of_model.node)] }} as days
        cross join grains
        where days.semantic_model = '{{ name }}' and {{ any_of(predicates, of_model.metrics, 'days') }}
    ),

    {{ name }}_periods as (
        select
            {%- for column in of_model.columns %}
            {{ union_of_people(column) if column.endswith('_people_bits') else 'sum(' ~ column ~ ')' }} as {{ column }},
            {%- endfor %}
            {{ cell | join(', ') }}
        from {{ name }}_dated
        where {{ any_of(predicates, of_model.metrics, 'periods') }}
        group by {{ cell | join(', ') }}
    ),
    {%- endfor %}

    united as (
        {%- for name, of_metric in parts.items() %}
        {{ periods_of_metric(of_metric, cell, any_of(predicates, [name], 'periods')) }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select
        metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        cast(numerator as decimal(38, 12)) as numerator,
        cast(denominator as decimal(38, 12)) as denominator,
        cast(sum_of_squares as decimal(38, 12)) as sum_of_squares,
        cast(n as bigint) as n,
        cast(people_at_least as bigint) as people_at_least,
        not_estimable_reason,
        period_start
    from united
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Parts of the metrics that are sums over sums, of those whose measures are all by_touched_days, or of the others. #}
{% macro parts_refreshed(refreshed) %}
    {%- set found = {} -%}
    {%- for name, of_metric in parts_of(defined_metrics('sql')).items() -%}
        {%- set ways = [] -%}
        {%- for node in of_metric.models.values() -%}{%- do ways.append(refreshed_how(node)) -%}{%- endfor -%}
        {%- if ('anew' in ways) == (refreshed == 'anew') -%}{%- do found.update({name: of_metric}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# Whether a column of the slices is of a semantic model. #}
{% macro is_column_of(column, node) %}
    {{ return(column == node.name ~ '_people_bits' or column in node.measures | map(attribute='name') | list) }}
{% endmacro %}

{# By semantic model: the columns that any of the metrics reads of it, and which metrics do. #}
{% macro measures_read(parts) %}
    {%- set read = {} -%}
    {%- for metric, of_metric in parts.items() -%}
        {%- for name, node in of_metric.models.items() -%}
            {%- set of_model = read.setdefault(name, {'node': node, 'columns': [], 'metrics': []}) -%}
            {%- do of_model['metrics'].append(metric) -%}
            {%- for column in of_metric.columns.values() if column -%}
                {%- if is_column_of(column, node) and column not in of_model['columns'] -%}
                    {%- do of_model['columns'].append(column) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(read) }}
{% endmacro %}

{# One metric of the periods of its semantic models; rows of several stand side by side, and are added up. #}
{% macro periods_of_metric(of_metric, cell, predicate) %}
    {%- set metric, columns, models = of_metric.metric, of_metric.columns, of_metric.models -%}
    {%- set meta = metric.config.meta -%}
    {%- set is_ratio = metric.type != 'simple' -%}
    {%- set sql -%}
        select
            '{{ metric.name }}' as metric_id,
            grain,
            scope_type,
            scope,
            slice_type,
            slice,
            {%- set value = 'coalesce(numerator, 0)' if is_ratio else 'numerator' %}
            {{ 'case when needed = 0 then null else ' ~ value ~ ' end' if meta.needs else value }} as numerator,
            denominator,
            sum_of_squares,
            n,
            {{ people_at_least('people_bits') if columns.people_bits else 'null' }} as people_at_least,
            {{ 'case when needed = 0 then ' ~ literal(meta.needs.reason) ~ ' end' if meta.needs else 'null' }}
            as not_estimable_reason,
            period_start
        from (
            select
                {{ cell | join(', ') }},
                {%- for part, column in columns.items() if part != 'needed' %}
                {{ column or 'null' }} as {{ part }},
                {%- endfor %}
                {%- set needed = columns['needed'] or 'null' %}
                {%- if meta.needs_of_all %}
                -- Where not even the whole has what is needed, its parts have not either.
                case
                    when slice_type in ({{ literals(meta.needs_of_all) }})
                        then max(case when slice_type = 'all' then {{ needed }} end) over (
                            partition by grain, scope_type, scope, period_start
                        )
                    else {{ needed }}
                end as needed
                {%- else %}
                {{ needed }} as needed
                {%- endif %}
            from {{ side_by_side(models, columns, cell) }} as periods
        ) as parts
        where
            {{ 'denominator' if is_ratio else 'numerator' }} is not null
            and slice_type in ({{ literals(['all'] + meta.allowed_slices) }})
            and scope_type in ({{ literals(['all'] + meta.allowed_slices) }})
            and {{ 'grain in (' ~ literals(meta.grains) ~ ')' if meta.grains else 'true' }}
            and {{ predicate }}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The periods of one semantic model, or of several by cell. #}
{% macro side_by_side(models, columns, cell) %}
    {%- if models | length == 1 -%}{{ return((models | first) ~ '_periods') }}{%- endif -%}
    {%- set named = columns.values() | select | unique | list -%}
    {%- set sql -%}
            (
                select
                    {{ cell | join(', ') }}
                    {%- for column in named %},
                    {{ union_of_people(column) if column.endswith('_people_bits') else 'sum(' ~ column ~ ')' }} as {{ column }}
                    {%- endfor %}
                from (
                    {%- for name, node in models.items() %}
                    select
                        {{ cell | join(', ') }}
                        {%- for column in named %},
                        {{ column if is_column_of(column, node) else 'null' }} as {{ column }}
                        {%- endfor %}
                    from {{ name }}_periods
                    {{ 'union all' if not loop.last }}
                    {%- endfor %}
                ) as of_each
                group by {{ cell | join(', ') }}
            )
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
