{# Before any model runs: is everything that landed still there, readable, known and of one kind, and do the settings match
   those that the warehouse was built with? If not, one error says what is wrong, where, and what to do, and nothing has
   changed. If so, the list of files is kept: the run reads these files, and what arrives during the run waits for the next. #}

{% macro check_landing() %}
    {%- if not execute or flags.WHICH not in ('build', 'run', 'seed') -%}{{ return('') }}{%- endif -%}
    {%- set problems = seed_path_problems() + staging_problems() -%}
    {%- set landing = landing_request() -%}
    {%- do adapter.store_relation('session', landing_relation('files'), [], 'take', '', landing) -%}
    {%- for warning in landing.warnings -%}{%- do exceptions.warn('Landing: ' ~ warning) -%}{%- endfor -%}
    {%- do problems.extend(landing.problems) -%}
    {%- if landing.is_sample in (true, false) and landing.was_sample == (not landing.is_sample) and not flags.FULL_REFRESH -%}
        {%- do problems.append(target.name ~ ': this warehouse holds ' ~ ('sample' if landing.was_sample else 'real')
            ~ ' data, and ' ~ landing.root ~ ' the other kind; give each its own (PLUMBLINE_WAREHOUSE)') -%}
    {%- endif -%}
    {%- if landing.accept_loss -%}{%- do problems.extend(loss_problems()) -%}{%- endif -%}
    {%- do problems.extend(setting_problems(landing.is_sample)) -%}
    {%- do problems.extend(stored_version_problems()) -%}
    {%- if problems -%}
        {%- set more = ['and ' ~ (problems | length - 20) ~ ' more'] if problems | length > 20 else [] -%}
        {{ exceptions.raise_compiler_error('Nothing was changed.\n  ' ~ (problems[:20] + more) | join('\n  ')) }}
    {%- endif -%}
    {%- do adapter.store_relation('session', landing_relation('files'), [], 'keep', '', landing) -%}
    {%- do drop_people_of_the_warehouse() -%}
    {{ return('') }}
{% endmacro %}

{# The rules for the inventory of the landing (src/plumbline/landing/inventory.py), with empty fields for its answer. #}
{% macro landing_request() %}
    {%- set tables = {} -%}
    {%- for node in graph.sources.values() if node.source_name != 'landing' -%}
        {%- do tables.update({node.source_name ~ '.' ~ node.name: node.columns.keys() | list}) -%}
    {%- endfor -%}
    {{ return({
        'root': landing_root(), 'tables': tables, 'ignored': var('ignored_in_landing'),
        'tolerance_days': var('landed_on_tolerance_days'), 'accept_loss': var('accept_loss'),
        'source_system': var('source_system', 'pipeline'),
        'problems': [], 'warnings': [], 'is_sample': none, 'was_sample': none,
    }) }}
{% endmacro %}

{# A table of the inventory, the source `landing`: a build writes it before its first model. #}
{% macro landing_relation(name) %}
    {%- set schema = 'landing' if target.name == 'prod' else 'landing_' ~ target.schema -%}
    {{ return(api.Relation.create(database=target.database, schema=schema, identifier=name)) }}
{% endmacro %}

{# A run that reads only some tables again would keep rows of missing files in the others. #}
{% macro loss_problems() %}
    {%- set stale = [] -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'landed' or node.name.startswith('base_') and node.unique_id not in selected_resources -%}
        {%- do stale.append(node.name) -%}
    {%- endfor -%}
    {%- if stale or not flags.FULL_REFRESH -%}
        {{ return(['accept_loss: rows of missing files stay in the warehouse unless everything is read again: plumbline build'
            ~ ' --full-refresh --accept-loss, without a selection']) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}

{# dbt writes what it ran to target/run/…/<path of the node>. For a seed at an absolute path, or above the project, that is
   the seed's own file: dbt overwrites it (seen with dbt-core 1.11.16). #}
{% macro seed_path_problems() %}
    {%- set seeds = env_var('PLUMBLINE_SEEDS', 'seeds') -%}
    {%- if seeds.startswith('/') or '..' in seeds.split('/') or ':' in seeds -%}
        {{ return(['PLUMBLINE_SEEDS=' ~ seeds ~ ' lies outside the project, and dbt would overwrite the files there: '
            ~ 'link it (ln -s ' ~ seeds ~ ' data/seeds) and set PLUMBLINE_SEEDS=data/seeds']) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}
