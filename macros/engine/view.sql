{# A view is replaced in one statement. dbt's own materialization makes another view, renames the old one, renames the new
   one and drops the old: four statements a view, of which a project of many views pays most of a run with nothing new. A
   table of the same name, left by an earlier version, is dropped first. #}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- set former = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if former is not none and not former.is_view -%}{%- do adapter.drop_relation(former) -%}{%- endif -%}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(target, sql) | replace('create view', 'create or replace view', 1) }}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
