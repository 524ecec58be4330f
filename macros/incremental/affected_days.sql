{# Overwrites whole days of `event_on`, or of the column that `meta.day` names. The model reads
   `in_affected_days(ref('affected_…'))`: the append-only model that says which days changed. A day whose rows are all gone
   is emptied, too. Delete and insert are one transaction. With `meta.grain: week` an affected day stands for its ISO week,
   and `meta.day` names the Monday; with `quarter`, for its quarter, and `meta.day` names the first day of that. Tables of
   metrics name in `meta.areas` what their days are affected for, and with `meta.grain: period` overwrite whole periods. #}

{# A predicate on `column`: true for the days to build in this run, and of those the ones of the slice at hand. #}
{% macro in_affected_days(affected, column='event_on') %}
    {%- set predicates = [] -%}
    {%- if is_sliced() -%}{%- do predicates.append(within_slice(column)) -%}{%- endif -%}
    {%- if execute and is_incremental() -%}
        {%- do predicates.append(listed_affected_days(affected, column)) -%}
    {%- endif -%}
    {{ return(predicates | join(' and ') or 'true') }}
{% endmacro %}

{# The days as constants: storage is pruned by them, by a subquery it is not. #}
{% macro listed_affected_days(affected, column) %}
    {%- set sql = 'select distinct event_on from ' ~ affected ~ ' where _batch > ' ~ built_through() -%}
    {%- if (config.get('meta') or {}).get('grain') == 'week' -%}
        {%- set sql = "select distinct cast(date_trunc('week', event_on) as date) + day_of_week from (" ~ sql
            ~ ') as days cross join (select cast(unnest(range(7)) as integer) as day_of_week) as week' -%}
    {%- endif -%}
    {%- if (config.get('meta') or {}).get('grain') == 'quarter' -%}
        {%- set sql = 'select distinct ' ~ period_start("'quarter'", 'event_on') ~ ' from (' ~ sql ~ ') as days' -%}
    {%- endif -%}
    {%- set days = run_query(sql ~ ' order by 1').columns[0].values() -%}
    {{ return(column ~ " in (date '" ~ days | join("', date '") ~ "')" if days else 'false') }}
{% endmacro %}

{# The affected_ models that a model reads. #}
{% macro affected_models() %}
    {%- set names = [] -%}
    {%- for node in model.depends_on.nodes if node.split('.')[-1].startswith('affected_') -%}
        {%- do names.append(node.split('.')[-1]) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{# True for the stored rows that this run overwrites. #}
{% macro overwritten_rows() %}
    {%- set affected = affected_models() -%}
    {%- if affected | length != 1 -%}
        {{ exceptions.raise_compiler_error('insert_overwrite: ' ~ model.name ~ ' must read one affected_ model, not ' ~ affected | length) }}
    {%- endif -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- if meta.get('areas') and meta.get('grain') == 'period' -%}
        {{ return(in_periods(affected_periods(ref(affected[0]), meta['areas']))) }}
    {%- endif -%}
    {%- if meta.get('areas') -%}{{ return(in_days_of_areas(ref(affected[0]), meta['areas'], meta['day'])) }}{%- endif -%}
    {{ return(in_affected_days(ref(affected[0]), meta.get('day', 'event_on'))) }}
{% endmacro %}

{# Whether this run overwrites more than half of the stored rows. Then the table is created again: deleting most of a table and
   writing its rows twice takes longer than a full refresh. #}
{% macro overwrites_most(stored, overwritten) %}
    {{ return(run_query(
        'select 2 * (select count(*) from ' ~ stored ~ ' where ' ~ overwritten ~ ') > (select count(*) from ' ~ stored ~ ')'
    ).rows[0][0]) }}
{% endmacro %}

{# A predicate on `column`: true for the days that this run affected, or, for `dbt test` by itself, the last run that affected
   any. Constants, so that storage is pruned by them. #}
{% macro affected_in_this_run(affected, column) %}
    {%- if not execute or load_relation(affected) is none -%}{{ return('true') }}{%- endif -%}
    {%- set this_run = '(select max(_batch) from ' ~ affected ~ ')' if flags.WHICH == 'test' else batch() -%}
    {%- set sql = 'select distinct event_on from ' ~ affected ~ ' where _batch = ' ~ this_run ~ ' order by 1' -%}
    {%- set days = run_query(sql).columns[0].values() -%}
    {{ return(column ~ " in (date '" ~ days | join("', date '") ~ "')" if days else 'false') }}
{% endmacro %}

{# What a model said when the last run ended, for one that runs before it; none when it does not exist yet. #}
{% macro former(name) %}
    {%- if not execute or not is_incremental() -%}{{ return(none) }}{%- endif -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
{% endmacro %}

{# The days that this run touches, and those under which roll-ups counted what stands there when the last run ended: what
   changes may be taken away from them. `counted` names each roll-up and its column of days. They are overwritten after the
   model that this is for, which `require_caught_up` in them sees to, so there is no `ref` to them. #}
{% macro former_days(affected, counted) %}
    {%- set sql -%}
        with left_days as (
            select event_on
            from {{ affected }}
            where _batch > {{ built_through() }}
            {%- for name, day in counted if former(name) %}
            union all
            select {{ day }}
            from {{ former(name) }}
            where {{ in_affected_days(affected) }}
            {%- endfor %}
        )

        select distinct
            event_on,
            {{ batch() }} as _batch
        from left_days
        where event_on is not null
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Stops a model that would overwrite what `reader` has not read yet: a run of a selection that leaves it out. #}
{% macro require_caught_up(reader, affected) %}
    {%- if execute and is_incremental() -%}
        {%- set sql = 'select count(*) from ' ~ affected ~ ' where _batch > (select coalesce(max(_batch), 0) from ' ~ reader ~ ')' -%}
        {%- if run_query(sql).rows[0][0] > 0 -%}
            {{ exceptions.raise_compiler_error(
                this.identifier ~ ' would overwrite days that ' ~ reader.identifier ~ ' has not read: build that one, too, as with `dbt build --select +'
                ~ this.identifier ~ '`.'
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
