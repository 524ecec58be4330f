{# Rows that outlive a run were all written by one version of the code. A version is a digest of a model's code and of all
   above it (src/plumbline/code_versions.py). It stands in the comment of each relation: that is written in the transaction
   of the rows, goes when the table does, and is not there where an earlier release of this project rebuilt the table. #}

{# Ask the plugin; it adds its answers to `asked`. `present` has the version of each stored model and of its ancestors: `own`
   is the digest of the model's code, `whole` that of its code and its ancestors' code. #}
{% macro code_versions(asked) %}
    {%- do asked.update({'graph': graph, 'context': context, 'project': project_name}) -%}
    {%- do adapter.store_relation('code_versions', none, [], '', '', asked) -%}
    {{ return(asked) }}
{% endmacro %}

{# Record the version that wrote the relation of the current model, in the same transaction. A model that no stored model reads
   has no version. #}
{% macro record_version(relation) %}
    {%- set version = code_versions({})['present'].get(model.unique_id) -%}
    {%- if version -%}
        {% call statement('version') -%}
            comment on {{ 'view' if relation.is_view else 'table' }} {{ relation }}
            is 'plumbline code {{ version.own }} {{ version.whole }}'
        {%- endcall %}
    {%- endif -%}
{% endmacro %}

{# Whether the stored table of the current model has another version and no rows. It is created as in a first build; with rows,
   the run would have stopped at its start. #}
{% macro is_empty_of_another_version() %}{{ return(model.unique_id in code_versions({})['empty']) }}{% endmacro %}

{# The problem that check_landing reports where this run would leave rows of two versions side by side. #}
{% macro stored_version_problems() %}
    {%- set present = code_versions({'is_start': true})['present'] -%}
    {%- set written, changed, empty = {}, [], [] -%}
    {%- for node, relation, own, whole in written_versions(present) -%}
        {%- set version = present[node.unique_id] -%}
        {%- if own and own != version.own -%}{%- do changed.append(node.unique_id) -%}{%- endif -%}
        {%- if node.config.materialized in ('incremental', 'landed') and whole != version.whole
            and run_query('select 1 from ' ~ relation ~ ' limit 1').rows | length == 0 -%}
            {%- do empty.append(node.unique_id) -%}
        {%- else -%}
            {%- do written.update({node.unique_id: whole}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set answer = code_versions({
        'written': written, 'empty': empty, 'changed': changed, 'selected': selected_resources,
        'full_refresh': flags.FULL_REFRESH,
    }) -%}
    {{ return([mixed_versions_message(answer.mixed, changed, written, answer.least)] if answer.mixed else []) }}
{% endmacro %}

{# For each model of `present` that exists in the warehouse: node, relation, and the two digests that wrote it, empty where
   unknown; of a landed node that of its base. Left out: views of models that are now incremental, since these are replaced
   whole. #}
{% macro written_versions(present) %}
    {%- set relations, found = {}, [] -%}
    {%- for row in run_query(
        'select schema_name, table_name, comment, true from duckdb_tables() where database_name = current_database()'
        ~ ' union all select schema_name, view_name, comment, false from duckdb_views() where database_name = current_database()'
    ).rows -%}
        {%- do relations.update({row[0] ~ '.' ~ row[1]: row}) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.unique_id in present -%}
        {%- set is_landed = node.config.materialized == 'landed' -%}
        {%- set name = node.alias | replace('stg_', 'base_', 1) if is_landed else node.alias -%}
        {%- set row = relations.get(node.schema ~ '.' ~ name) -%}
        {%- if row is not none and (row[3] or node.config.materialized != 'incremental') -%}
            {%- set words = (row[2] or '').split(' ') -%}
            {%- set own, whole = (words[2], words[3]) if words[:2] == ['plumbline', 'code'] else ('', '') -%}
            {%- do found.append((node, adapter.quote(node.schema) ~ '.' ~ adapter.quote(name), own, whole)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# `least` has the changed models where it is enough to rebuild those and all below them. #}
{% macro mixed_versions_message(mixed, changed, written, least) %}
    {%- set known, unknown, changed_names, rebuilt = [], [], [], [] -%}
    {%- for key in changed | sort -%}{%- do changed_names.append(key.split('.')[-1]) -%}{%- endfor -%}
    {%- for key in least -%}{%- do rebuilt.append(key.split('.')[-1] ~ '+') -%}{%- endfor -%}
    {%- for key in mixed -%}{%- do (known if written[key] else unknown).append(key.split('.')[-1]) -%}{%- endfor -%}
    {%- if unknown -%}
        {%- set why = 'which version of the code wrote the rows of ' ~ first_few(unknown) ~ ' is not recorded' -%}
    {%- else -%}
        {%- set why = 'the code of ' ~ first_few(changed_names or known) ~ ' changed after the rows of ' ~ first_few(known)
            ~ ' were stored' -%}
    {%- endif -%}
    {{ return(target.name ~ ': ' ~ why ~ ', and this run would leave rows of two versions side by side. '
        ~ 'Rebuild ' ~ ('what they make: dbt build --full-refresh --select ' ~ rebuilt | join(' ')
            if rebuilt and rebuilt | length <= 6 else 'them all: dbt build --full-refresh')) }}
{% endmacro %}

{% macro first_few(names, few=10) %}
    {%- set more = names | length - few -%}
    {{ return(names[:few] | join(', ') ~ (' and ' ~ more ~ ' more' if more > 0 else '')) }}
{% endmacro %}
