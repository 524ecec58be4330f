{# Runs after the last node and adds a row to `outcomes`, beside the inventory of the landing: how many models and tests
   this run left out, and how many failed. `plumbline publish` reads it. A run that was killed has no row. #}
{% macro record_outcome() %}
    {%- if not execute or flags.WHICH not in ('build', 'run', 'seed') -%}{{ return('') }}{%- endif -%}
    {%- set left_out = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'test') and node.config.enabled -%}
        {%- if node.unique_id not in selected_resources -%}{%- do left_out.append(node.name) -%}{%- endif -%}
    {%- endfor -%}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped', 'runtime error']) | list -%}
    {%- set tests = results | selectattr('node.resource_type', 'equalto', 'test') | list -%}
    {%- set outcomes = landing_relation('outcomes') -%}
    create table if not exists {{ outcomes }} (
        build_id varchar, command varchar, nodes bigint, nodes_left_out bigint, tests bigint, failures bigint,
        first_failure varchar, ended_at timestamp, _batch bigint
    );
    insert into {{ outcomes }} values (
        '{{ invocation_id }}', 'dbt {{ flags.WHICH }}', {{ results | length }}, {{ left_out | length }},
        {{ tests | length }}, {{ failed | length }}, {{ literal(failed[0].node.name) if failed else 'null' }},
        timestamp '{{ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S') }}', {{ batch() }}
    );
{% endmacro %}
