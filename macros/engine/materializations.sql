{# Views, tables and what is incremental in as few statements as DuckDB needs. dbt-duckdb makes another relation beside the old
   one and swaps them, as databases without transactions over definitions need it; of that a run with nothing new mostly
   consisted. Here what is replaced is replaced in one transaction, whatever kind it was of: who reads meanwhile sees the old, and
   so does who reads after a failure. #}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set former = load_cached_relation(this) -%}
    {% call statement('main') -%}
        {%- if former is not none and not former.is_view %}{{ drop_former(former) }};{% endif %}
        {{ get_create_view_as_sql(target, sql) | replace('create view', 'create or replace view', 1) }}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {% do record_version(target) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set former = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if model.language == 'python' -%}
        {%- set made = make_intermediate_relation(target) -%}
        {%- do drop_left_over(made) -%}
        {% call statement('made', language='python') -%}
            {{ create_table_as(False, made, compiled_code, 'python') }}
        {%- endcall %}
        {% call statement('main') %}{{ put_in_place(made, target, former) }}{% endcall %}
    {%- else -%}
        {% call statement('main') -%}
            {{ drop_former(former or target) }};
            {{ create_table_as(False, target, compiled_code) }}
        {%- endcall %}
    {%- endif -%}
    {% do persist_docs(target, model) %}
    {% do record_version(target) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Two strategies: `append` inserts as it reads; `insert_overwrite` reads all that it inserts before it deletes anything, and
   nothing at all where no day was affected. Where a run would delete most of a table, it creates the table again from new
   and kept rows, so that no run takes much longer than a full refresh. #}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set former = load_cached_relation(this) -%}
    {%- set is_first = former is none or not former.is_table or should_full_refresh() or is_empty_of_another_version() -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- if strategy not in ('append', 'insert_overwrite') or (strategy == 'append' and model.language == 'python') -%}
        {%- do exceptions.raise_compiler_error(
            this.identifier ~ ': incremental_strategy is ' ~ strategy ~ '; here it may be append (SQL only) or insert_overwrite'
        ) -%}
    {%- endif -%}
    {%- if not is_first and model.language == 'sql' -%}
        {%- do require_same_columns(former, '(' ~ compiled_code ~ ') as arrived') -%}
    {%- endif -%}
    {%- set affected = affected_models() if strategy == 'insert_overwrite' else [] -%}
    {%- if not is_first and affected | length == 1 and not any_arrived([ref(affected[0])], built_through()) -%}
        {% do store_raw_result(name='main', message='SKIP, no day affected', code='SKIP', rows_affected=0) %}
        {{ return({'relations': [target]}) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- set made = make_intermediate_relation(target) -%}
    {%- if model.language == 'python' -%}
        {%- do drop_left_over(made) -%}
        {% call statement('made', language='python') -%}
            {{ create_table_as(False, made, compiled_code, 'python') }}
        {%- endcall %}
        {%- if not is_first -%}{%- do require_same_columns(former, made) -%}{%- endif -%}
    {%- endif -%}
    {%- set overwritten = overwritten_rows() if strategy == 'insert_overwrite' and not is_first else none -%}
    {%- set is_recreated = overwritten is not none and overwrites_most(former, overwritten) -%}
    {% call statement('main') -%}
        {%- if is_first and model.language == 'python' -%}
            {{ put_in_place(made, target, former) }}
        {%- elif is_first -%}
            {{ drop_former(former or target) }};
            {{ create_table_as(False, target, compiled_code) }}
        {%- else -%}
            {%- set names = adapter.get_columns_in_relation(former) | map(attribute='quoted') | join(', ') -%}
            {%- if strategy == 'append' -%}
                insert into {{ target }} ({{ names }}) select {{ names }} from ({{ compiled_code }}) as arrived
            {%- elif is_recreated -%}
                {%- if model.language == 'sql' -%}{{ create_table_as(False, made, compiled_code) }};{%- endif %}
                insert into {{ made }} ({{ names }}) select {{ names }} from {{ former }} where ({{ overwritten }}) is not true;
                {{ put_in_place(made, target, former) }}
            {%- else -%}
                {%- if model.language == 'sql' -%}
                    {%- set made = made.include(database=False, schema=False) -%}
                    {{ create_table_as(True, made, compiled_code) }};
                {%- endif %}
                delete from {{ target }} where {{ overwritten }};
                insert into {{ target }} ({{ names }}) select {{ names }} from {{ made }};
                drop table {{ made }}
            {%- endif -%}
        {%- endif -%}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {%- if is_first or is_recreated -%}{%- do record_version(target) -%}{%- endif -%}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro drop_former(former) %}drop {{ 'view' if former.is_view else 'table' }} if exists {{ former }}{% endmacro %}

{# With `on_schema_change: fail`, stops a model that asks for other columns than are stored: an insert by name would leave new
   ones out, and say nothing. #}
{% macro require_same_columns(stored, asked) %}
    {%- if config.get('on_schema_change') != 'fail' -%}{{ return('') }}{%- endif -%}
    {%- set columns = [] -%}
    {%- for relation in [stored, asked] -%}
        {%- set found = [] -%}
        {%- for row in run_query('describe select * from ' ~ relation).rows -%}{%- do found.append(row[0] ~ ' ' ~ row[1]) -%}{%- endfor -%}
        {%- do columns.append(found) -%}
    {%- endfor -%}
    {%- set gone = columns[0] | reject('in', columns[1]) | join(', ') -%}
    {%- set new = columns[1] | reject('in', columns[0]) | join(', ') -%}
    {%- if gone or new -%}
        {%- do exceptions.raise_compiler_error(
            stored.identifier ~ ' is stored with other columns than its model has: stored ' ~ (gone or 'nothing more')
            ~ '; in the model ' ~ (new or 'nothing more') ~ '. Build it with --full-refresh.'
        ) -%}
    {%- endif -%}
{% endmacro %}

{# What Python makes stands beside the old before it takes its place: drop what a run that was killed left there. #}
{% macro drop_left_over(made) %}{%- do run_query('drop table if exists ' ~ made) -%}{% endmacro %}

{% macro put_in_place(made, target, former) %}
    {{ drop_former(former or target) }};
    alter table {{ made }} rename to {{ adapter.quote(target.identifier) }}
{% endmacro %}
