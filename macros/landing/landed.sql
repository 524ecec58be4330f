{# One node a landed table. `stg_<source>__<table>` is a view of the good latest rows; beside it, in the same schema, the node
   keeps two tables that are only appended to: `base_<source>__<table>`, every landed row, and `log_<source>__<table>`, which
   rows lost. All three change in one transaction. Decisions and tasks have a model for each of the three instead: other
   models stand between them, and at a hundred million rows each is worth its own line in a run. #}

{# The body of such a model. #}
{% macro landed(source_name, table_name) %}
    {%- do source(source_name, table_name) -%}
    {{ return(staged(source_name, table_name)) }}
{% endmacro %}

{% macro landed_base(source_name, table_name) %}{{ return(kept_table('base', source_name, table_name)) }}{% endmacro %}
{% macro landed_log(source_name, table_name) %}{{ return(kept_table('log', source_name, table_name)) }}{% endmacro %}

{% macro kept_table(kind, source_name, table_name) %}
    {%- set name = source_name ~ '__' ~ table_name -%}
    {%- if name in ('moderation__decisions', 'moderation__tasks') -%}{{ return(ref(kind ~ '_' ~ name)) }}{%- endif -%}
    {%- set staged = this if model.name == 'stg_' ~ name else ref('stg_' ~ name) -%}
    {#- A unit test gives the rows of the table that it is about under the name of the node. #}
    {{ return(staged if staged.is_cte else staged.incorporate(path={'identifier': kind ~ '_' ~ name})) }}
{% endmacro %}

{% materialization landed, adapter='duckdb' %}
    {%- set source_name, table_name = landed_table_of(model) -%}
    {%- set base_relation = landed_base(source_name, table_name) -%}
    {%- set log_relation = landed_log(source_name, table_name) -%}
    {%- set view = this.incorporate(type='view') -%}
    {%- set former = load_cached_relation(base_relation) -%}
    {%- set is_first = former is none or should_full_refresh() or is_empty_of_another_version() -%}
    {%- set files = unseen_files(source_name, table_name, none if is_first else former) -%}
    {%- if not is_first -%}{%- do require_contract_columns(former, source_name, table_name) -%}{%- endif -%}
    {%- set carry = config.get('meta', {}).get('carry', []) -%}
    {%- if files and not is_first -%}
        {%- set last_batch = run_query('select coalesce(max(_batch), 0) from ' ~ log_relation).rows[0][0] -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {%- if is_first %}
            {{ drop_former(log_relation) }};
            {{ drop_former(former or base_relation) }};
            create table {{ base_relation }} as {{ base(source_name, table_name, files) }};
            create table {{ log_relation }} as
            {{ version_log(source_name, table_name, carry, none) }};
        {%- elif files %}
            insert into {{ base_relation }} by name {{ base(source_name, table_name, files) }};
            insert into {{ log_relation }} by name
            {{ version_log(source_name, table_name, carry, last_batch) }};
        {%- endif %}
        {{ get_create_view_as_sql(view, sql) | replace('create view', 'create or replace view', 1) }}
    {%- endcall %}
    {%- if is_first -%}{%- do record_version(base_relation) -%}{%- endif -%}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [view]}) }}
{% endmaterialization %}

{# The one source that a landed node reads. #}
{% macro landed_table_of(node) %}
    {%- for unique_id in node.depends_on.nodes if unique_id.startswith('source.') -%}
        {{ return(unique_id.split('.')[-2:]) }}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error(node.name ~ ' reads no landed table: its SQL is landed(source, table)') }}
{% endmacro %}

{# The code versions stop a run whose contract changed; this stops one whose stored table was changed by hand. #}
{% macro require_contract_columns(stored, source_name, table_name) %}
    {%- set stored_names = run_query('describe ' ~ stored).columns[0].values() -%}
    {%- set names = contract_columns(source_name, table_name) | map(attribute='name') | list -%}
    {%- set gone = stored_names | reject('in', names + kept_columns()) | join(', ') -%}
    {%- set new = (names + kept_columns()) | reject('in', stored_names) | join(', ') -%}
    {%- if gone or new -%}
        {%- do exceptions.raise_compiler_error(stored.identifier ~ ' is stored with other columns than its contract has: stored '
            ~ (gone or 'nothing more') ~ '; in the contract ' ~ (new or 'nothing more') ~ '. Build it with --full-refresh.') -%}
    {%- endif -%}
{% endmacro %}

{# What a base table has beside the columns of its contract. #}
{% macro kept_columns() %}
    {{ return(['event_on', '_key', '_content', '_problems', '_file', '_row', '_line', '_landed_at', '_source_system', '_batch']) }}
{% endmacro %}

{# A contract and its models belong together: a table that nobody stages would be left out of the accounting of rows. #}
{% macro staging_problems() %}
    {%- set problems, listed = [], [] -%}
    {%- for pair in landed_tables() -%}{%- do listed.append(pair | join('.')) -%}{%- endfor -%}
    {%- for node in graph.sources.values() if node.source_name != 'landing' -%}
        {%- set table = node.source_name ~ '.' ~ node.name -%}
        {%- set staged = 'stg_' ~ node.source_name ~ '__' ~ node.name -%}
        {%- if 'model.' ~ project_name ~ '.' ~ staged not in graph.nodes -%}
            {%- do problems.append('contracts/' ~ table | replace('.', '/') ~ '.yml has no model: write models/staging/'
                ~ node.source_name ~ '/' ~ staged ~ '.sql (docs/contributing/a-source-table.md)') -%}
        {%- elif table not in listed -%}
            {%- do problems.append(table ~ ' is not in macros/landing/landed_tables.sql: run plumbline docs') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{% endmacro %}
