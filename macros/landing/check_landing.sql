{# Before any model runs: is what landed readable, known, of one kind, and is the session the one that the warehouse was
   made with? Raises one error that says what, where and what to do; then nothing has changed. #}

{% macro check_landing() %}
    {%- if not execute or flags.WHICH not in ('build', 'run', 'seed') -%}{{ return('') }}{%- endif -%}
    {%- set problems = [] -%}
    {%- set root = landing_root() -%}
    {%- do problems.extend(seed_path_problems()) -%}
    {%- if '\\' in root -%}
        {{ exceptions.raise_compiler_error('Nothing was changed.\n  ' ~ root ~ ': DuckDB cannot list a folder whose path has a '
            ~ 'backslash; choose another landing (PLUMBLINE_LANDING)') }}
    {%- endif -%}
    {%- set files = unseen_by_any_base() -%}
    {%- for file in files -%}
        {%- set day = file.split('landed_on=')[1].split('/')[0] -%}
        {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', day) -%}
            {%- do problems.append(root ~ '/' ~ file ~ ': landed_on=' ~ day ~ ' is no date (YYYY-MM-DD); rename the folder') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do problems.extend(names_that_are_there_twice(root, files)) -%}
    {%- for name in landed_table_names() -%}
        {%- if 'source.' ~ project_name ~ '.' ~ name not in graph.sources -%}
            {%- do exceptions.warn('Landing: ' ~ root ~ '/' ~ name | replace('.', '/') ~ ' is no table of the contract; nobody reads it. '
                ~ 'See docs/landing.md for the tables there are.') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set is_sample = is_sample_landing(root, files) -%}
    {%- if is_sample == 'mixed' -%}
        {%- do problems.append(root ~ ': sample and real data share this landing; give each its own (PLUMBLINE_LANDING)') -%}
    {%- endif -%}
    {%- if is_sample in (true, false) and not flags.FULL_REFRESH and holds_the_other_kind(is_sample) -%}
        {%- do problems.append(target.name ~ ': this warehouse holds ' ~ ('real' if is_sample else 'sample')
            ~ ' data, and ' ~ root ~ ' the other kind; give each its own (PLUMBLINE_WAREHOUSE)') -%}
    {%- endif -%}
    {%- do problems.extend(setting_problems(is_sample)) -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error('Nothing was changed.\n  ' ~ problems | join('\n  ')) }}
    {%- endif -%}
    {%- do drop_people_of_the_warehouse() -%}
    {{ return('') }}
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

{% macro holds_the_other_kind(is_sample) %}
    {%- for relation in base_relations() -%}
        {%- set other = "select 1 from " ~ relation ~ " where (_source_system = 'sample') <> " ~ is_sample ~ " limit 1" -%}
        {%- if run_query(other).rows | length > 0 -%}{{ return(true) }}{%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{% macro base_relations() %}
    {%- set relations = [] -%}
    {%- for pair in staged_table_pairs() -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.base_' ~ pair[0] ~ '__' ~ pair[1]] -%}
        {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- if relation is not none -%}{%- do relations.append(relation) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(relations) }}
{% endmacro %}

{% macro unseen_by_any_base() %}
    {%- set seen = [] -%}
    {%- if not flags.FULL_REFRESH -%}
        {%- for relation in base_relations() -%}
            {%- do seen.append('select distinct _file from ' ~ relation) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set sql -%}
        select file from ({{ landed_files_sql() }})
        {% if seen -%} where file not in ({{ seen | join(' union all ') }}) {%- endif %}
        order by file
    {%- endset -%}
    {{ return(run_query(sql).columns[0].values() | list) }}
{% endmacro %}

{# Columns of one file that only capitals tell apart: which of them is the contract's, nobody can say. #}
{% macro names_that_are_there_twice(root, files) %}
    {%- set problems, paths = [], [] -%}
    {%- for file in files -%}{%- do paths.append(root ~ '/' ~ file) -%}{%- endfor -%}
    {%- if not paths -%}{{ return(problems) }}{%- endif -%}
    {%- set suspects = run_query(
        "select distinct file_name from (select file_name from parquet_schema([" ~ path_literals(paths)
        ~ "]) group by file_name, lower(name) having count(*) > 1) order by 1"
    ).columns[0].values() -%}
    {%- for path in suspects -%}
        {%- for name, type in top_level_types(path).items() if type == 'twice' -%}
            {%- do problems.append(path ~ ': two columns are called ' ~ name ~ ', but for capitals; rename one') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(problems) }}
{% endmacro %}

{% macro landed_table_names() %}
    {%- set sql = "select distinct split_part(file, '/', 1) || '.' || split_part(file, '/', 2) from ("
        ~ landed_files_sql() ~ ") order by 1" -%}
    {{ return(run_query(sql).columns[0].values() | list) }}
{% endmacro %}

{# true, false, 'mixed', or none when no new file tells. Opens the footer of every new file: an unreadable one ends the
   run here, with its name. #}
{% macro is_sample_landing(root, files) %}
    {%- if not files -%}{{ return(none) }}{%- endif -%}
    {%- set paths = [] -%}
    {%- for file in files -%}{%- do paths.append(root ~ '/' ~ file) -%}{%- endfor -%}
    {%- set tagged = run_query(
        "select distinct file_name from parquet_schema([" ~ path_literals(paths) ~ "]) where lower(name) = '_source_system' order by 1"
    ).columns[0].values() | list -%}
    {%- set kinds = [] -%}
    {%- if tagged | length < files | length -%}{%- do kinds.append(var('source_system', 'pipeline') == 'sample') -%}{%- endif -%}
    {%- if tagged -%}
        {%- for row in run_query(
            "select distinct coalesce(cast(_source_system as varchar), '') = 'sample' from read_parquet([" ~ path_literals(tagged)
            ~ "], union_by_name = true, hive_partitioning = false)"
        ).rows -%}
            {%- if row[0] not in kinds -%}{%- do kinds.append(row[0]) -%}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return('mixed' if kinds | length > 1 else (kinds | first if kinds else none)) }}
{% endmacro %}
