{# What happened to landed rows, append-only: a line per file, day and verdict with its count, and a line per row that
   lost to a later row of the same key. A row that lost never wins again, so nothing here is ever taken back.
   Versions of a key are ordered by landing day, `_landed_at`, file and row; the last one wins. The one before a row
   of the same content is a duplicate of it; before one of other content it is superseded.
   `carry`: columns of the losing row that affected days are found by; `through`: the batch up to which rows are logged, none
   where there is no log yet. #}

{% macro version_log(source_name, table_name, carry, through) %}
    {%- set base_relation = landed_base(source_name, table_name) -%}
    {%- set keys = [] -%}
    {%- for name in contract_meta(source_name, table_name).key -%}{%- do keys.append(adapter.quote(name)) -%}{%- endfor -%}
    {%- set sql -%}
        with fresh as (
            select _key, _file, event_on, _problems
            from {{ base_relation }}
            where _batch > {{ through or 0 }}
        ),

        repeated as (
            {% if through is not none -%}
            select _key
            from {{ base_relation }}
            where _problems is null and _key in (select _key from fresh where _problems is null)
            {%- else -%}
            select _key from fresh where _problems is null
            {%- endif %}
            group by _key
            having count(*) > 1
        ),

        versions as (
            select {{ keys | join(', ') }}, _file, _row, _landed_at, _content, event_on
                {%- for column in carry %}, {{ column }}{% endfor %}
            from {{ base_relation }}
            where _problems is null and _key in (select _key from repeated)
        ),

        ordered as (
            select
                *,
                lead(_content) over (
                    partition by {{ keys | join(', ') }}
                    order by {{ landed_on('_file') }}, _landed_at nulls first, _file, _row
                ) as later_content
            from versions
        )

        select
            'lost' as entry,
            case when _content = later_content then 'duplicate' else 'superseded' end as status,
            cast(null as varchar) as reasons,
            _file,
            {% for column in carry %}{{ column }},
            {% endfor -%}
            cast(_row as bigint) as _row,
            cast(1 as bigint) as row_count,
            event_on,
            {{ batch() }} as _batch
        from ordered
        where later_content is not null
        union all
        select
            'read',
            case when _problems is null then 'good' else 'quarantined' end,
            _problems,
            _file,
            {% for column in carry %}null,
            {% endfor -%}
            cast(null as bigint),
            count(*),
            event_on,
            {{ batch() }}
        from fresh
        group by _file, event_on, _problems
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# A model that is the log of a table and nothing else. #}
{% macro version_log_model(source_name, table_name, carry=[]) %}
    {%- do landed_base(source_name, table_name) -%}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {{ return(version_log(source_name, table_name, carry, built_through() if is_incremental() else none)) }}
{% endmacro %}

{# The day of arrival, from the path of a landed file. #}
{% macro landed_on(file) %}
    {{ return("cast(substr(" ~ file ~ ", position('landed_on=' in " ~ file ~ ") + 10, 10) as date)") }}
{% endmacro %}
