{# Which rows of the tables of metrics a run overwrites: of each semantic model the days that its `touched_by` names in
   touched_metric_days, and of each percentile the periods that those are in. #}

{# A predicate on a day: true for the days of `area` that this run touches. #}
{% macro in_days_of_area(touched, area, column) %}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set sql = 'select distinct event_on from ' ~ touched ~ ' where _batch > ' ~ built_through() ~ ' and area = '
        ~ literal(area) ~ ' order by 1' -%}
    {%- set days = run_query(sql).columns[0].values() -%}
    {{ return(column ~ " in (date '" ~ days | join("', date '") ~ "')" if days else 'false') }}
{% endmacro %}

{# Grain, first and last day of the periods in which `area` was touched, and a number that those of a grain share which follow
   one another without a gap. #}
{% macro periods_of_area(touched, area) %}
    {%- set sql -%}
        with periods as (
            select distinct
                grain,
                {{ period_start('grain', 'event_on') }} as begins
            from {{ touched }}
            cross join ({{ grains() }}) as grains
            where _batch > {{ built_through() }} and area = '{{ area }}'
        ),

        ended as (
            select
                *,
                {{ later_period('grain', 'begins') }} as next_begins
            from periods
        ),

        compared as (
            select
                *,
                lag(next_begins) over (partition by grain order by begins) as expected
            from ended
        )

        select
            grain,
            cast(begins as varchar),
            cast(next_begins - 1 as varchar),
            count(*) filter (where expected is distinct from begins) over (partition by grain order by begins)
        from compared
        order by 1, 2
    {%- endset -%}
    {{ return(run_query(sql).rows) }}
{% endmacro %}

{# What a run with `touched` makes anew of each metric of `parts` (see parts_of), by name: `days` is a predicate on `reporting_on`,
   true from the first to the last day of the periods in which its areas were touched, so that storage is pruned; `periods` one
   on `grain` and `period_start`. Both are all that there is in a full build, and where `touched` is none. #}
{% macro predicates_by_metric(parts, touched, day='reporting_on') %}
    {%- set by_area, by_metric = {}, {} -%}
    {%- for name, of_metric in parts.items() -%}
        {%- set predicates = {'days': [], 'periods': []} -%}
        {%- for node in of_metric.models.values() if touched is not none and is_incremental() -%}
            {%- set area = node.config.meta.touched_by -%}
            {%- if area not in by_area -%}{%- do by_area.update({area: predicates_of_area(touched, area, day)}) -%}{%- endif -%}
            {%- do predicates['days'].append(by_area[area]['days']) -%}
            {%- do predicates['periods'].append(by_area[area]['periods']) -%}
        {%- endfor -%}
        {%- do by_metric.update({name: predicates}) -%}
    {%- endfor -%}
    {{ return(by_metric) }}
{% endmacro %}

{% macro predicates_of_area(touched, area, day) %}
    {%- set periods = periods_of_area(touched, area) -%}
    {%- if not periods -%}{{ return({'days': 'false', 'periods': 'false'}) }}{%- endif -%}
    {%- set first, last = periods | map(attribute=1) | min, periods | map(attribute=2) | max -%}
    {{ return({
        'days': day ~ " between date '" ~ first ~ "' and date '" ~ last ~ "'",
        'periods': in_periods(periods),
    }) }}
{% endmacro %}

{# A few stretches as their bounds; of more, the periods one by one, which the engine looks up by hash. As a list of pairs it
   would compare each row with each of them: after a change of every day, that took twice as long as all the rest. #}
{% macro in_periods(periods) %}
    {%- set stretches, pairs, bounds = {}, [], [] -%}
    {%- for grain, begins, ends, stretch in periods -%}
        {%- do stretches.setdefault((grain, stretch), []).append(begins) -%}
        {%- do pairs.append("('" ~ grain ~ "', date '" ~ begins ~ "')") -%}
    {%- endfor -%}
    {%- if stretches | length > 12 -%}
        {{ return('(grain, period_start) in (select of_touched.grain, of_touched.begins from (values ' ~ pairs | join(', ')
            ~ ') as of_touched (grain, begins))') }}
    {%- endif -%}
    {%- for of_grain, begins in stretches.items() -%}
        {%- do bounds.append(
            "grain = '" ~ of_grain[0] ~ "' and period_start between date '" ~ begins | first ~ "' and date '" ~ begins | last ~ "'"
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ bounds | join(' or ') ~ ')') }}
{% endmacro %}

{# True where a predicate of any of the metrics named is; of all metrics where there are none to touch. #}
{% macro any_of(predicates, names, kind) %}
    {%- set found = [] -%}
    {%- for name in names -%}{%- do found.extend(predicates[name][kind]) -%}{%- endfor -%}
    {{ return('(' ~ found | unique | join(' or ') ~ ')' if found else 'true') }}
{% endmacro %}

{# Days of the semantic models that are kept by touched days, to delete. The outer bounds prune storage, which alternatives do
   not. #}
{% macro in_touched_metric_days(touched) %}
    {%- set areas, alternatives = {}, [] -%}
    {%- for node in semantic_models() if refreshed_how(node) == 'by_touched_days' and summed(node) -%}
        {%- do areas.setdefault(node.config.meta.touched_by, []).append(node.name) -%}
    {%- endfor -%}
    {%- for area, names in areas.items() -%}
        {%- do alternatives.append(
            'semantic_model in (' ~ literals(names) ~ ') and ' ~ in_days_of_area(touched, area, 'reporting_on')
        ) -%}
    {%- endfor -%}
    {{ return(listed_touched_days(touched, 'reporting_on') ~ ' and (' ~ alternatives | join(' or ') ~ ')') }}
{% endmacro %}

{# Periods of metrics to delete, by metrics that are touched alike. #}
{% macro in_periods_of_metrics(parts, touched) %}
    {%- set alike, alternatives = {}, [] -%}
    {%- set predicates = predicates_by_metric(parts, touched) -%}
    {%- for name in predicates -%}
        {%- do alike.setdefault(any_of(predicates, [name], 'periods'), []).append(name) -%}
    {%- endfor -%}
    {%- for predicate, names in alike.items() -%}
        {%- do alternatives.append('metric_id in (' ~ literals(names) ~ ') and ' ~ predicate) -%}
    {%- endfor -%}
    {{ return(alternatives | join(' or ')) }}
{% endmacro %}

{% macro in_touched_series_periods(touched) %}
    {{ return(in_periods_of_metrics(parts_refreshed('by_touched_days'), touched)) }}
{% endmacro %}

{% macro in_touched_quantile_periods(touched) %}
    {{ return(in_periods_of_metrics(parts_of(defined_metrics('histogram')), touched)) }}
{% endmacro %}
