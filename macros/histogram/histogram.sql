{# Durations as counts in buckets whose bounds grow by a constant factor (DDSketch: Masson, Rim and Lee, 2019). Counts of
   a bucket add up over any cells in any order, and a quantile read from them is within 1 % of the value that has its
   rank. A bucket i holds (gamma^(i-1), gamma^i]; zero and less has a bucket of its own. #}

{% macro histogram_gamma() %}{{ return('(1.01 / 0.99)') }}{% endmacro %}
{% macro histogram_zero() %}{{ return('-100000') }}{% endmacro %}

{# The bucket of what has no end: after all others. #}
{% macro histogram_endless() %}{{ return('100000') }}{% endmacro %}

{% macro histogram_bucket(duration) %}
    {%- set sql -%}
        case
            when {{ duration }} <= 0 then {{ histogram_zero() }}
            else cast(ceil(ln(cast({{ duration }} as double)) / ln({{ histogram_gamma() }})) as integer)
        end
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The value that a bucket stands for: the one with the same relative distance to both bounds. #}
{% macro histogram_value(bucket) %}
    {%- set sql -%}
        case
            when {{ bucket }} = {{ histogram_zero() }} then 0.0
            when {{ bucket }} = {{ histogram_endless() }} then cast('infinity' as double)
            else 2 * pow({{ histogram_gamma() }}, {{ bucket }}) / ({{ histogram_gamma() }} + 1)
        end
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Quantiles by cell of `relation`, which has a row per cell and `bucket` with its `count_column`; nearest rank, as
   percentile_disc. `quantiles` maps the name of a column to a share. Where `is_value`, a bucket is a value as it stands.
   `people` is a column with sets of people, united by cell. #}
{% macro histogram_quantiles(relation, cell, quantiles, count_column='row_count', is_value=false, people=none) %}
    {%- set cells = cell | join(', ') -%}
    {%- set sql -%}
        select
            {{ cells }},
            max(total) as {{ count_column }},
            {%- if people %}
            {{ union_of_people(people) }} as {{ people }},
            {%- endif %}
            {%- for name, share in quantiles.items() %}
            {%- set bucket = 'min(case when running >= ceil(' ~ share ~ ' * total) then bucket end)' %}
            {{ bucket if is_value else histogram_value(bucket) }} as {{ name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                *,
                cast(sum({{ count_column }}) over (
                    partition by {{ cells }} order by bucket rows between unbounded preceding and current row
                ) as bigint) as running,
                cast(sum({{ count_column }}) over (partition by {{ cells }}) as bigint) as total
            from {{ relation }}
        ) as cumulated
        group by {{ cells }}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
