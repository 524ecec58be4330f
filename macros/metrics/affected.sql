{# Which rows of the generated tables of metrics a run overwrites: by the areas that affected_metric_days names, whole days of
   slices, and whole periods of metrics. #}

{# A predicate on a day: true for the days of `areas` that this run touches. #}
{% macro in_days_of_areas(affected, areas, column) %}
    {%- if not execute or not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set sql = 'select distinct event_on from ' ~ affected ~ ' where _batch > ' ~ built_through() ~ ' and area in ('
        ~ literals(areas) ~ ') order by 1' -%}
    {%- set days = run_query(sql).columns[0].values() -%}
    {{ return(column ~ " in (date '" ~ days | join("', date '") ~ "')" if days else 'false') }}
{% endmacro %}

{# The periods in which `areas` were affected: grain, first and last day, and a number that those of a grain share which follow
   one another without a gap. None where all periods are built. #}
{% macro affected_periods(affected, areas) %}
    {%- if not execute or not is_incremental() -%}{{ return(none) }}{%- endif -%}
    {%- set sql -%}
        with periods as (
            select distinct
                grain,
                {{ period_start('grain', 'event_on') }} as begins
            from {{ affected }}
            cross join ({{ grains() }}) as grains
            where _batch > {{ built_through() }} and area in ({{ literals(areas) }})
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

{# True from the first to the last day of affected periods, so that storage is pruned. #}
{% macro in_days_of_periods(periods, column) %}
    {%- if periods is none -%}{{ return('true') }}{%- endif -%}
    {%- if not periods -%}{{ return('false') }}{%- endif -%}
    {{ return(column ~ " between date '" ~ periods | map(attribute=1) | min ~ "' and date '" ~ periods | map(attribute=2) | max ~ "'") }}
{% endmacro %}

{# True for rows of affected periods, by `grain` and `period_start`. A few stretches as their bounds; of more, the periods one by
   one, which the engine looks up by hash. As a list of pairs it would compare each row with each of them: after a change of
   every day, that took twice as long as all the rest. #}
{% macro in_periods(periods) %}
    {%- if periods is none -%}{{ return('true') }}{%- endif -%}
    {%- if not periods -%}{{ return('false') }}{%- endif -%}
    {%- set stretches, pairs, bounds = {}, [], [] -%}
    {%- for grain, begins, ends, stretch in periods -%}
        {%- do stretches.setdefault((grain, stretch), []).append(begins) -%}
        {%- do pairs.append("('" ~ grain ~ "', date '" ~ begins ~ "')") -%}
    {%- endfor -%}
    {%- if stretches | length > 12 -%}
        {{ return('(grain, period_start) in (select of_affected.grain, of_affected.begins from (values ' ~ pairs | join(', ')
            ~ ') as of_affected (grain, begins))') }}
    {%- endif -%}
    {%- for of_grain, begins in stretches.items() -%}
        {%- do bounds.append(
            "grain = '" ~ of_grain[0] ~ "' and period_start between date '" ~ begins | first ~ "' and date '" ~ begins | last ~ "'"
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ bounds | join(' or ') ~ ')') }}
{% endmacro %}
