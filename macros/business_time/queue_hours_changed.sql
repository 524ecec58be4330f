{# Whether a schedule that a queue names was landed otherwise since `through`, or a holiday of it. What a tool exports again
   as it was is no change. #}
{% macro queue_hours_changed(through) %}
    {%- if not execute or not is_incremental() -%}{{ return(false) }}{%- endif -%}
    {%- set sql -%}
        with arrived as (
            {%- for table, schedule in [('schedule', 'id'), ('schedule_holiday', 'schedule_id')] %}
            {%- set base = ref('base_support__' ~ table) %}
            select versions.{{ schedule }} as schedule_id
            from {{ base }} as versions
            where
                versions.id in (
                    select came.id
                    from {{ base }} as came
                    anti join (
                        select _file, _row from {{ ref('log_support__' ~ table) }}
                        where entry = 'lost' and status = 'duplicate'
                    ) as lost on came._file = lost._file and came._row = lost._row
                    where came._batch > {{ through }}
                )
            {{ 'union' if not loop.last }}
            {%- endfor %}
        )
        select count(*) > 0 from arrived where schedule_id in (select schedule_id from {{ ref('queues') }})
    {%- endset -%}
    {{ return(run_query(sql).rows[0][0]) }}
{% endmacro %}
