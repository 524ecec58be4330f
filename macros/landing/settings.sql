{# What a warehouse was made with and must go on with. int_settings stores it on the first build; each later build is
   compared before any model runs. The salt itself is nowhere: only a digest of it is stored. #}

{# Variables that stored days were built with. #}
{% macro stored_variables() %}
    {{ return([
        'reporting_timezone', 'handle_seconds_cap', 'appeal_window_days', 'support_schedule_id', 'highest_severity',
        'fiscal_year_starts_in', 'minimum_audits',
    ]) }}
{% endmacro %}

{% macro settings_sql() %}
    {%- set sql -%}
        select 'salt_digest' as setting, {{ sha256("'plumbline salt check ' || getvariable('plumbline_salt')") }} as setting_value
        union all
        {% for name in stored_variables() -%}
        select '{{ name }}', {{ literal(var(name)) }}
        union all
        {% endfor -%}
        select 'hash_check', cast({{ hash64(["'plumbline'", 'null', '1']) }} as varchar)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{% macro setting_problems(is_sample) %}
    {%- set problems = [] -%}
    {%- set has_salt = run_query("select coalesce(getvariable('plumbline_salt'), '') <> ''").rows[0][0] -%}
    {%- if is_sample == false and not has_salt -%}
        {%- do problems.append('PLUMBLINE_SALT is not set. Person keys of real data need a secret salt: export PLUMBLINE_SALT=... '
            ~ '(the same in every build; keep it where you keep secrets)') -%}
    {%- endif -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.int_settings'] -%}
    {%- set stored = adapter.get_relation(node.database, node.schema, node.alias) -%}
    {#- Only a run that makes the settings anew may differ from them. #}
    {%- set renews = flags.FULL_REFRESH and node.unique_id in selected_resources -%}
    {%- if stored is not none and not renews -%}
        {%- set changed = run_query(
            'select setting from ' ~ stored ~ ' as stored inner join (' ~ settings_sql()
            ~ ') as current_ using (setting) where stored.setting_value <> current_.setting_value order by 1'
        ).columns[0].values() -%}
        {%- set meaning = {
            'salt_digest': 'PLUMBLINE_SALT is not the one',
            'hash_check': 'this version of the engine hashes differently from the one',
        } -%}
        {%- for setting in changed -%}
            {%- do problems.append(
                meaning.get(setting, setting ~ ' is not the one')
                ~ ' that this warehouse was built with: set it back, or build anew with --full-refresh'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(problems) }}
{% endmacro %}
