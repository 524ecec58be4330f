{# Memory that does not grow with history. A model that joins whole tables names in `meta.sliced_by` the landed table whose rows per
   day tell how much work a day is; it is then built some days at a time, `slice_rows` rows of that log at once, into one
   table and in one transaction. That number is for a memory limit of 8 GiB; a lower limit makes slices smaller in
   proportion. A model that keeps one row in so many names that number in `meta.slice_factor`, and
   takes as many times more; one that makes periods names in `meta.slice_grain` that of which a slice takes no part.
   `in_affected_days` puts the bounds of a slice into the model's SQL; they stand for all days
   until they are replaced by those of one slice. #}

{% macro first_of_slice() %}date '-infinity'{% endmacro %}
{% macro last_of_slice() %}date 'infinity'{% endmacro %}

{% macro is_sliced() %}{{ return((config.get('meta') or {}).get('sliced_by') is not none) }}{% endmacro %}

{% macro within_slice(column) %}
    {{ return(column ~ ' between ' ~ first_of_slice() ~ ' and ' ~ last_of_slice()) }}
{% endmacro %}

{# The memory limit as a share of 8 GiB, at most 1. A session takes 128 MiB whatever it works on, so both are counted
   without these. DuckDB gives the limit as a number and a unit, `250.0 MiB`. #}
{% macro share_of_memory() -%}
greatest(0.001, least(1, (
    cast(split_part(current_setting('memory_limit'), ' ', 1) as double)
    * case split_part(current_setting('memory_limit'), ' ', 2) when 'TiB' then 1048576 when 'GiB' then 1024 when 'MiB' then 1 else 0 end
    - 128
) / (8192 - 128)))
{%- endmacro %}

{# First and last day of each slice of this run; the outer bounds stay open, so that no day falls beside the slices. #}
{% macro slices() %}
    {%- set affected = affected_models() -%}
    {%- set meta = config.get('meta') -%}
    {%- set rows_at_once = var('slice_rows') * meta.get('slice_factor', 1) -%}
    {%- set grain = literal(meta.get('slice_grain', 'day')) -%}
    {%- set sql -%}
        with begun as (
            select {{ period_start(grain, 'event_on') }} as begins, sum(row_count) as row_count
            from {{ landed_log(*meta['sliced_by'].split('.')) }}
            where entry = 'read' and event_on is not null
            {%- if is_incremental() %} and {{ listed_affected_days(ref(affected[0]), 'event_on') }}{% endif %}
            group by begins
        ),

        numbered as (
            select
                begins,
                floor((sum(row_count) over (order by begins) - 1) / ({{ rows_at_once }} * {{ share_of_memory() }})) as slice
            from begun
        )

        -- To the day before the next begins: what is made may be of days of which the log has no row.
        select
            cast(min(begins) as varchar),
            cast(lead(min(begins)) over (order by min(begins)) - 1 as varchar)
        from numbered
        group by slice
        order by 1
    {%- endset -%}
    {%- set bounds = [] -%}
    {%- set found = run_query(sql).rows -%}
    {%- for row in found -%}
        {%- do bounds.append((
            first_of_slice() if loop.first else "date '" ~ row[0] ~ "'",
            last_of_slice() if loop.last else "date '" ~ row[1] ~ "'",
        )) -%}
    {%- endfor -%}
    {{ return(bounds) }}
{% endmacro %}

{# dbt-duckdb's own statement makes the table from the first slice; the others are inserted after it. #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) %}
    {%- set bounds = slices() if language == 'sql' and is_sliced() else [] -%}
    {%- if bounds | length < 2 -%}
        {{ return(dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by, sorted_by
        )) }}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for first, last in bounds -%}
        {%- do parts.append(
            compiled_code | replace(first_of_slice(), first) | replace(last_of_slice(), last)
        ) -%}
    {%- endfor -%}
    {{ dbt.duckdb__create_table_as(temporary, relation, parts[0], language, partitioned_by, sorted_by) }}
    {%- for part in parts[1:] %}
    insert into {{ relation.include(database=(not temporary), schema=(not temporary)) }} ({{ part }});
    {%- endfor %}
{% endmacro %}
