{# What a warehouse was made with and must go on with. int_settings stores it on the first build; each later build is
   compared before any model runs. The salt itself is nowhere: only a slow digest of it is stored, which the plugin
   plumbline.salt computes. #}

{# Variables that stored days were built with. #}
{% macro stored_variables() %}
    {{ return([
        'reporting_timezone', 'handle_seconds_cap', 'appeal_window_days', 'support_schedule_id', 'highest_severity',
        'fiscal_year_starts_in', 'minimum_audits', 'minimum_people', 'csat_instrument',
    ]) }}
{% endmacro %}

{# The salt's is made once, and only where it is not stored yet: its digest is slow. #}
{% macro settings_sql(with_salt) %}
    {%- set sql -%}
        {% if with_salt -%}
        select 'salt_check' as setting, plumbline_salt_check('') as setting_value
        union all
        {% endif -%}
        {% for name in stored_variables() -%}
        select '{{ name }}' as setting, {{ literal(var(name)) }} as setting_value
        union all
        {% endfor -%}
        select 'hash_check' as setting, cast({{ hash64(["'plumbline'", 'null', '1']) }} as varchar) as setting_value
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{% macro setting_problems(is_sample) %}
    {%- set problems = [] -%}
    {%- set salt_problem = run_query("select getvariable('plumbline_salt_problem')").rows[0][0] -%}
    {%- if is_sample == false and salt_problem -%}
        {%- do problems.append('PLUMBLINE_SALT ' ~ salt_problem ~ '. Person keys of real data need a secret salt that '
            ~ 'cannot be guessed: make one with ' ~ salt_maker() ~ ', keep it where you keep secrets, '
            ~ 'and export it as PLUMBLINE_SALT in every build') -%}
    {%- endif -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.int_settings'] -%}
    {%- set stored = adapter.get_relation(node.database, node.schema, node.alias) -%}
    {#- Only a run that rebuilds the settings may differ from them. #}
    {%- set renews = flags.FULL_REFRESH and node.unique_id in selected_resources -%}
    {%- if stored is not none and not renews -%}
        {%- set changed = run_query(
            'select setting from ' ~ stored ~ ' as stored inner join (' ~ settings_sql(with_salt=false)
            ~ ') as current_ using (setting) where stored.setting_value <> current_.setting_value union all select setting from '
            ~ stored ~ " where setting = 'salt_digest' or setting = 'salt_check' and setting_value <> "
            ~ 'plumbline_salt_check(setting_value) order by 1'
        ).columns[0].values() -%}
        {%- set meaning = {
            'salt_check': 'PLUMBLINE_SALT is not the one',
            'hash_check': 'this version of the engine hashes differently from the one',
        } -%}
        {%- for setting in changed if setting != 'salt_digest' -%}
            {%- do problems.append(
                meaning.get(setting, setting ~ ' is not the one')
                ~ ' that this warehouse was built with: set it back, or build it again with --full-refresh'
            ) -%}
        {%- endfor -%}
        {%- if 'salt_digest' in changed -%}
            {%- do problems.append('this warehouse was built by a version that kept a quick digest of PLUMBLINE_SALT and the ids of '
                ~ 'people beside their keys: build it again with --full-refresh') -%}
        {%- endif -%}
        {%- if not changed -%}{%- do problems.extend(people_problems()) -%}{%- endif -%}
    {%- endif -%}
    {{ return(problems) }}
{% endmacro %}

{% macro salt_maker() %}{{ return('python -c "import secrets; print(secrets.token_urlsafe(32))"') }}{% endmacro %}

{# The file of people may be of another warehouse: all its keys are of one salt, so that one row tells. #}
{% macro people_problems() %}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.int_people'] -%}
    {%- set stored = adapter.get_relation(node.database, node.schema, node.alias) -%}
    {%- if stored is none -%}{{ return([]) }}{%- endif -%}
    {%- set is_other = 'select 1 from (select * from ' ~ stored ~ ' limit 1) as people where person_key <> ' ~ person_key('person_id') -%}
    {%- if run_query(is_other).rows | length > 0 -%}
        {{ return([target.path ~ '.people: its person keys were made with another PLUMBLINE_SALT than this warehouse has; put '
            ~ 'back the file that belongs to the warehouse, or delete it: the next build makes it again']) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}

{# The key of a person; the salt is a variable of this session only. #}
{% macro person_key(person_id) %}{{ return(sha256("getvariable('plumbline_salt') || " ~ person_id)) }}{% endmacro %}

{# Earlier versions kept int_people in the warehouse, with ids of people beside their keys. A full refresh drops it. #}
{% macro drop_people_of_the_warehouse() %}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.int_people'] -%}
    {%- set former = adapter.get_relation(target.database, node.schema, node.alias) -%}
    {%- if flags.FULL_REFRESH and former is not none -%}{%- do run_query('drop table ' ~ former) -%}{%- endif -%}
    {{ return('') }}
{% endmacro %}
