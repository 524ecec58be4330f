{# Every reference row as it stands: seed, key, a digest of its content and its validity. The lists of allowed codes in
   the landing contract are reference data, too. #}
{% macro reference_rows() %}
    {%- set parts = [] -%}
    {%- for seed in [
        'queues', 'policies', 'sites', 'vendors', 'markets', 'languages', 'root_causes', 'schedules',
        'schedule_holidays', 'time_zone_aliases', 'wellness_limits',
    ] -%}
        {%- do parts.append(reference_rows_of(seed)) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- for pair in landed_tables() -%}
            {%- set codes = [] -%}
            {%- for column in contract_columns(pair[0], pair[1]) -%}
                {%- do codes.append(column.name ~ '=' ~ column['values'] | join('|') ~ (column['known_in'] or column['refers_to'] or '')) -%}
            {%- endfor -%}
            {%- do parts.append(
                "select 'contract' as reference, " ~ literal(pair | join('.')) ~ " as row_key, "
                ~ literal(local_md5(codes | join(','))) ~ " as content, date '0001-01-01' as valid_from, "
                ~ forever() ~ " as valid_to"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(parts | join('\nunion all\n')) }}
{% endmacro %}

{% macro reference_rows_of(seed) %}
    {%- set relation = ref(seed) -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}
    {%- set node = graph.nodes['seed.' ~ project_name ~ '.' ~ seed] -%}
    {%- set text = [] -%}
    {%- for name in node.columns -%}{%- do text.append("coalesce(cast(" ~ name ~ " as varchar), '~')") -%}{%- endfor -%}
    {%- set keys = [] -%}
    {%- for name in node.config.meta.key -%}{%- do keys.append('cast(' ~ name ~ ' as varchar)') -%}{%- endfor -%}
    {%- set dated = 'valid_from' in node.columns -%}
    {{ return(
        "select " ~ literal(seed) ~ " as reference, " ~ keys | join(" || '|' || ") ~ " as row_key, md5("
        ~ text | join(" || '|' || ") ~ ") as content, "
        ~ ("valid_from" if dated else "date '0001-01-01'") ~ " as valid_from, "
        ~ ("coalesce(valid_to, " ~ forever() ~ ")" if dated else forever()) ~ " as valid_to from " ~ relation
    ) }}
{% endmacro %}

{# Days on which something happened, by the log, and for which a reference row is new, changed or gone since `through`.
   `without` names the references that tell nothing of these events. Whether any other changed, is asked first: the days of
   a log are dear to list. #}
{% macro changed_reference_days(log_relation, through, without=['root_causes', 'time_zone_aliases', 'wellness_limits']) %}
    {%- set since = 'select min(affected_from) from ' ~ ref('log_references') ~ ' where _batch > ' ~ through
        ~ ' and reference not in (' ~ literals(without) ~ ')' -%}
    {%- if execute and is_incremental() and run_query(since).rows[0][0] is none -%}
        {{ return("select cast(null as date) as event_on, 'references' as cause where false") }}
    {%- endif -%}
    {%- set sql -%}
        select distinct event_on, 'references' as cause
        from {{ log_relation }}
        where event_on >= ({{ since }})
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
