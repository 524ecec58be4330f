{# What models/semantic says, as dbt's graph holds it. Only to be called when `execute` is true. #}

{% macro semantic_models() %}
    {%- set found = [] -%}
    {%- for node in graph.semantic_models.values() | sort(attribute='name') -%}{%- do found.append(node) -%}{%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# Those that are metrics of their own; dbt makes one of every measure that a ratio divides, too. Those that Python computes
   are no sum that dbt could know: the mart that has them says them in its `config.meta.metrics`, in the same words. #}
{% macro defined_metrics(computed_by=none) %}
    {%- set all = graph.metrics.values() | list -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- do all.extend(node.config.meta.get('metrics', [])) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for node in all | sort(attribute='name') -%}
        {%- set meta = node.config.meta -%}
        {%- if meta.version is defined and (computed_by is none or meta.computed_by == computed_by) -%}
            {%- do found.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# Numerator and denominator of a metric as names of measures; a count has no denominator. #}
{% macro measures_of(metric) %}
    {%- if metric.type == 'simple' -%}
        {{ return({'numerator': metric.type_params.measure.name, 'denominator': none}) }}
    {%- endif -%}
    {%- set named = {} -%}
    {%- for part in ['numerator', 'denominator'] -%}
        {%- set measured = graph.metrics['metric.' ~ project_name ~ '.' ~ metric.type_params[part].name] -%}
        {%- do named.update({part: measured.type_params.measure.name}) -%}
    {%- endfor -%}
    {{ return(named) }}
{% endmacro %}

{# By name of each metric: itself, the `columns` that hold its parts, none where it has no such part, and the semantic `models`
   that those are of, by name. #}
{% macro parts_of(metrics) %}
    {%- set by_measure, found = {}, {} -%}
    {%- for node in graph.semantic_models.values() -%}
        {%- for measure in node.measures -%}{%- do by_measure.update({measure.name: node}) -%}{%- endfor -%}
    {%- endfor -%}
    {%- for metric in metrics -%}
        {%- set meta = metric.config.meta -%}
        {%- set measures = measures_of(metric) -%}
        {%- set node = by_measure[measures['denominator'] or measures['numerator']] -%}
        {%- set columns = {
            'numerator': measures['numerator'],
            'denominator': measures['denominator'],
            'sum_of_squares': meta.get('sum_of_squares'),
            'n': meta.get('n'),
            'needed': meta.needs.measure if meta.needs else none,
            'people_bits': node.name ~ '_people_bits' if node.config.meta.get('people') else none,
        } -%}
        {%- set models = {} -%}
        {%- for part, column in columns.items() if column and part != 'people_bits' -%}
            {%- do models.update({by_measure[column].name: by_measure[column]}) -%}
        {%- endfor -%}
        {%- do found.update({metric.name: {'metric': metric, 'columns': columns, 'models': models}}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The least number of cases that a ratio or a percentile rests on, and what they are: `minimum_n` of its meta may say what it
   `counts` (the denominator unless said), another number (`at_least`), or why there is none (`exempt`). Metrics with a minimum
   of audits have it there, and one metric over another has what its parts have. #}
{% macro least_of(metric) %}
    {%- set meta = metric.config.meta -%}
    {%- set said = meta.get('minimum_n') or {} -%}
    {%- set is_share = metric.type == 'ratio' or meta.computed_by in ('histogram', 'python') -%}
    {%- if not is_share or meta.minimum == 'audits' or said.get('exempt') -%}
        {{ return({'n': none, 'counted': none, 'exempt': said.get('exempt')}) }}
    {%- endif -%}
    {{ return({'n': said.get('at_least') or var('minimum_n'), 'counted': said.get('counts') or meta.denominator, 'exempt': none}) }}
{% endmacro %}

{# What a semantic model can be sliced by: its foreign entities. #}
{% macro entities_of(semantic_model) %}
    {%- set found = [] -%}
    {%- for entity in semantic_model.entities if entity.type == 'foreign' -%}{%- do found.append(entity) -%}{%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The expression of the day that a semantic model counts under. #}
{% macro day_of(semantic_model) %}
    {%- for dimension in semantic_model.dimensions if dimension.name == semantic_model.defaults.agg_time_dimension -%}
        {{ return(dimension.expr or dimension.name) }}
    {%- endfor -%}
{% endmacro %}

{# Measures that add up, by semantic model; percentiles have a table of their own. #}
{% macro summed(semantic_model) %}
    {%- set found = [] -%}
    {%- for measure in semantic_model.measures if measure.agg in ('sum', 'count') -%}{%- do found.append(measure) -%}{%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# by_touched_days where the roll-up says which of its days changed; anew where it is small and made anew itself. #}
{% macro refreshed_how(semantic_model) %}{{ return(semantic_model.config.meta.get('refreshed', 'by_touched_days')) }}{% endmacro %}

{# First day of the period of a grain that a day is in. Quarters are fiscal: they begin with `fiscal_year_starts_in`. #}
{% macro period_start(grain, day) %}
    {%- set shift = (var('fiscal_year_starts_in') - 1) % 3 -%}
    {%- set shifted = plus_months(day, -shift) if shift else day -%}
    {%- set quarter = "date_trunc('quarter', " ~ shifted ~ ')' -%}
    {%- set sql -%}
        cast(case {{ grain }}
            when 'day' then {{ day }}
            when 'week' then date_trunc('week', {{ day }})
            when 'month' then date_trunc('month', {{ day }})
            when 'quarter' then {{ plus_months(quarter, shift) if shift else quarter }}
        end as date)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# First day of the period `step` periods after the one that begins on `start`. #}
{% macro later_period(grain, start, step=1) %}
    {%- set sql -%}
        cast(case {{ grain }}
            when 'day' then {{ start }} + {{ step }}
            when 'week' then {{ start }} + {{ 7 * step }}
            when 'month' then {{ plus_months(start, step) }}
            when 'quarter' then {{ plus_months(start, 3 * step) }}
        end as date)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Whether a period is over, what counts of it has come, and it did not begin before what is known: `calendar` is int_calendar,
   and `settling` what has settles_after_days, none where it counts at once. #}
{% macro is_whole_period(start, next_start, settling=none) -%}
{%- set days = 'cast(' ~ settling ~ '.settles_after_days as integer)' if settling else '0' -%}
({{ start }} >= calendar.first_day and cast({{ next_start }} as date) + {{ days }} <= calendar.last_day)
{%- endmacro %}

{# Grains of what is not kept by day. #}
{% macro period_grains() %}{{ return(['week', 'month', 'quarter']) }}{% endmacro %}

{% macro grains(named=['day', 'week', 'month', 'quarter']) %}
    {%- set selects = [] -%}
    {%- for grain in named -%}{%- do selects.append("select '" ~ grain ~ "' as grain") -%}{%- endfor -%}
    {{ return(selects | join(' union all ')) }}
{% endmacro %}

{# For a table that is kept by touched days or periods and whose SQL follows from definitions: `touched` with a digest of `whole`,
   the SQL that would make all of it. Stops where what is stored was made by other SQL, so that no figure of one name is
   partly as it was defined before. #}
{% macro kept_by_definitions(whole, touched) %}
    {%- set digest = local_md5(whole)[:8] -%}
    {%- if execute and is_incremental() -%}
        {%- set stored = run_query('select count(*) from ' ~ this ~ " where _definitions <> '" ~ digest ~ "'") -%}
        {%- if stored.rows[0][0] > 0 -%}
            {{ exceptions.raise_compiler_error(
                this.identifier ~ ' was made by other definitions of metrics than models/semantic and macros/metrics have now. Make '
                ~ 'it anew, with all that is kept by them: dbt build --full-refresh --select int_metric_slices_daily+ '
                ~ 'int_metric_quantiles+ int_quality_sums+ int_audited_arms+'
            ) }}
        {%- endif -%}
    {%- endif %}
    select
        *,
        '{{ digest }}' as _definitions,
        {{ batch() }} as _batch
    from (
    {{ touched }}
    ) as made
{% endmacro %}
