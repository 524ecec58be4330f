{# Whether a schedule that a queue names was landed otherwise since `through`, or a holiday of it. What a tool exports again
   as it was is no change; what a holiday was of before counts as well. #}
{% macro queue_hours_changed(through) %}
    {%- if not execute or not is_incremental() -%}{{ return(false) }}{%- endif -%}
    {%- set sql -%}
        with changed as (
            {%- for table, schedule in [('schedule', 'id'), ('schedule_holiday', 'schedule_id')] %}
            {%- set base = ref('base_support__' ~ table) %}
            select versions.{{ schedule }} as schedule_id
            from {{ base }} as versions
            where
                versions._key in (
                    select ordered._key
                    from (
                        select
                            _key,
                            _content,
                            _batch,
                            lag(_content) over (
                                partition by _key
                                order by {{ landed_on('_file') }}, _landed_at nulls first, _file, _row
                            ) as earlier_content
                        from {{ base }}
                        where _problems is null
                    ) as ordered
                    where ordered._batch > {{ through }} and ordered._content is distinct from ordered.earlier_content
                )
            {{ 'union' if not loop.last }}
            {%- endfor %}
        )
        select count(*) > 0 from changed where schedule_id in (select schedule_id from {{ ref('queues') }})
    {%- endset -%}
    {{ return(run_query(sql).rows[0][0]) }}
{% endmacro %}
