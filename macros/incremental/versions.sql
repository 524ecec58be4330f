{# Reference data that a tool lands without validity (tables whose contract has `changed_at`): what each key was, and when.

   A landed row says what its key is from an instant on: the first filled of the columns in `changed_at`, else the day of
   landing. Where rows of one `updated_at` say different things at different times of reading, the tool does not date that
   change, and `synced_at` does. Of rows of one instant the one that landed last holds, and the same content again is no
   new version. Nothing earlier is known than the first version, so it reaches back to the beginning. A deletion ends what
   it deletes; no tool dates it by `updated_at`. Where only the deletion has landed and is dated, what it deletes was in
   force until then.

   One row per key and stretch of time in which it was in force, the end excluded. Reads the append-only base, so that
   what was known up to batch `through` can be asked again; `arrived_since` leaves out keys without a row of a later batch. #}

{% macro beginning_of_time() %}timestamp '0001-01-01'{% endmacro %}
{% macro end_of_time() %}timestamp '9999-12-31'{% endmacro %}

{# The tables: their keys, what a version says, and what dates it. A literal, because a unit test has no contract to
   read; a test holds it against the contracts. #}
{% macro versioned_tables() %}
    {{ return({
        'group': {'key': ['id'], 'says': ['name'], 'changed_at': ['updated_at', 'synced_at'], 'has_deletions': true},
        'schedule': {
            'key': ['id', 'start_time'], 'says': ['time_zone', 'end_time'], 'changed_at': ['synced_at'],
            'has_deletions': true,
        },
        'schedule_holiday': {
            'key': ['id'], 'says': ['schedule_id', 'start_date', 'end_date'], 'changed_at': ['synced_at'],
            'has_deletions': true,
        },
        'user': {'key': ['id'], 'says': ['role'], 'changed_at': ['updated_at', 'synced_at'], 'has_deletions': false},
    }) }}
{% endmacro %}

{% macro landed_versions(table_name, through=none, arrived_since=none) %}
    {%- set base_relation = landed_base('support', table_name) -%}
    {%- set table = versioned_tables()[table_name] -%}
    {%- set key = table.key | join(', ') -%}
    {%- set said = table.says | join(', ') -%}
    {%- set updated_at = 'updated_at' if 'updated_at' in table.changed_at else 'cast(null as timestamp)' -%}
    {%- set in_time = '(partition by ' ~ key ~ ' order by changed_at)' -%}
    {%- set sql -%}
        with landed_rows as (
            select
                {{ key }},
                {{ said }},
                {{ 'coalesce(is_deleted, false)' if table.has_deletions else 'false' }} as is_deleted,
                {{ updated_at }} as updated_at,
                synced_at,
                cast({{ landed_on('_file') }} as timestamp) as landed_at,
                _landed_at,
                _file,
                _row
            from {{ base_relation }}
            where
                _problems is null
                {%- if through is not none %}
                and _batch <= {{ through }}
                {%- endif %}
                {%- if arrived_since is not none %}
                and _key in (select _key from {{ base_relation }} where _batch > {{ arrived_since }})
                {%- endif %}
        ),

        compared as (
            select
                *,
                {{ hash64(table.says + ['is_deleted']) }} as content,
                synced_at > min(synced_at) over (partition by {{ key }}, updated_at) as is_read_again
            from landed_rows
        ),

        dated as (
            select
                *,
                case
                    when
                        is_deleted or (
                            is_read_again
                            and min(content) over (partition by {{ key }}, updated_at)
                            <> max(content) over (partition by {{ key }}, updated_at)
                        )
                        then coalesce(synced_at, landed_at)
                    else coalesce(updated_at, synced_at, landed_at)
                end as changed_at
            from compared
        ),

        ranked as (
            select
                *,
                row_number() over (
                    partition by {{ key }}, changed_at
                    order by landed_at desc, _landed_at desc nulls last, _file desc, _row desc
                ) as version_rank
            from dated
        ),

        ordered as (
            select *, lag(content) over {{ in_time }} as former_content
            from ranked
            where version_rank = 1
        ),

        versions as (
            select
                *,
                former_content is null as is_first,
                lead(changed_at) over {{ in_time }} as next_changed_at
            from ordered
            where content is distinct from former_content
        )

        select
            {{ key }},
            {{ said }},
            is_deleted,
            is_first,
            changed_at,
            case when is_first then {{ beginning_of_time() }} else changed_at end as valid_from_at,
            case when is_deleted then changed_at else coalesce(next_changed_at, {{ end_of_time() }}) end as valid_until_at
        from versions
        where not is_deleted or (is_first and synced_at is not null)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
