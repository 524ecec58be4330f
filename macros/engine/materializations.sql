{# Views, tables and what is incremental in as few statements as DuckDB needs. dbt-duckdb makes another relation beside the old
   one and swaps them, as databases without transactions over definitions need it; of that a run with nothing new mostly
   consisted. Here what is replaced is replaced in one transaction: who reads meanwhile sees the old, and so does who reads after
   a failure. A relation that was of another kind before is dropped first. #}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do drop_other_kind(target) -%}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(target, sql) | replace('create view', 'create or replace view', 1) }}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do drop_other_kind(target) -%}
    {%- if model.language == 'python' -%}
        {%- set made = make_intermediate_relation(target) -%}
        {%- do drop_left_over(made) -%}
        {% call statement('made', language='python') -%}
            {{ create_table_as(False, made, compiled_code, 'python') }}
        {%- endcall %}
        {% call statement('main') %}{{ put_in_place(made, target) }}{% endcall %}
    {%- else -%}
        {% call statement('main') -%}
            drop table if exists {{ target }};
            {{ create_table_as(False, target, compiled_code) }}
        {%- endcall %}
    {%- endif -%}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Three strategies: `append` inserts as it reads; `touched_days` reads all that it inserts before it deletes anything, and
   nothing at all where no day was touched. #}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set former = load_cached_relation(this) -%}
    {%- set is_first = former is none or not former.is_table or should_full_refresh() -%}
    {%- set strategy = config.require('incremental_strategy') -%}
    {%- set touched = touched_models() if strategy == 'touched_days' else [] -%}
    {%- if not is_first and touched | length == 1 and not any_arrived([ref(touched[0])], built_through()) -%}
        {% do store_raw_result(name='main', message='SKIP, no day touched', code='SKIP', rows_affected=0) %}
        {{ return({'relations': [target]}) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- do drop_other_kind(target) -%}
    {%- set made = make_intermediate_relation(target) -%}
    {%- if model.language == 'python' -%}
        {%- do drop_left_over(made) -%}
        {% call statement('made', language='python') -%}
            {{ create_table_as(False, made, compiled_code, 'python') }}
        {%- endcall %}
    {%- endif -%}
    {% call statement('main') -%}
        {%- if is_first and model.language == 'python' -%}
            {{ put_in_place(made, target) }}
        {%- elif is_first -%}
            drop table if exists {{ target }};
            {{ create_table_as(False, target, compiled_code) }}
        {%- else -%}
            {%- set columns = adapter.get_columns_in_relation(former) -%}
            {%- set names = columns | map(attribute='quoted') | join(', ') -%}
            {%- if strategy == 'append' -%}
                insert into {{ target }} ({{ names }}) select {{ names }} from ({{ compiled_code }}) as arrived
            {%- else -%}
                {%- if model.language == 'sql' -%}
                    {%- set made = made.include(database=False, schema=False) -%}
                    {{ create_table_as(True, made, compiled_code) }};
                {%- endif %}
                {{ get_incremental_touched_days_sql({
                    'target_relation': target, 'temp_relation': made, 'dest_columns': columns
                }) }};
                drop table {{ made }}
            {%- endif -%}
        {%- endif -%}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro drop_other_kind(target) %}
    {%- set former = load_cached_relation(target) -%}
    {%- if former is not none and former.type != target.type -%}{%- do adapter.drop_relation(former) -%}{%- endif -%}
{% endmacro %}

{# What Python makes stands beside the old before it takes its place: drop what a run that was killed left there. #}
{% macro drop_left_over(made) %}{%- do run_query('drop table if exists ' ~ made) -%}{% endmacro %}

{% macro put_in_place(made, target) %}
    drop table if exists {{ target }};
    alter table {{ made }} rename to {{ adapter.quote(target.identifier) }}
{% endmacro %}
