-- One row per metric that models/semantic or the YAML of a mart defines.
{%- if execute %}
{%- for metric in defined_metrics() %}
{%- set meta = metric.config.meta %}
{%- set least = least_of(metric) %}
select
    {{ literal(metric.name) }} as metric_id,
    {{ literal(metric.label) }} as label,
    {{ literal(metric.description) }} as description,
    {{ literal(meta.numerator) }} as numerator,
    {{ literal(meta.denominator) }} as denominator,
    {{ literal(meta.exclusions) }} as exclusions,
    {{ literal(meta.unit) }} as unit,
    {{ literal(meta.direction) }} as direction,
    {{ literal(meta.owner) }} as owner_department,
    {{ literal(meta.status) }} as status,
    {{ literal(meta.interval_method) }} as interval_method,
    {{ literal(meta.date_role) }} as date_role,
    {{ literal(meta.computed_by) }} as computed_by,
    {{ literal(meta.minimum) }} as minimum,
    {{ literal(least.counted) if least.counted else 'cast(null as varchar)' }} as counted,
    {{ literal(least.exempt) if least.exempt else 'cast(null as varchar)' }} as minimum_n_exemption,
    {{ literal(meta.only_by) if meta.only_by else 'cast(null as varchar)' }} as only_by,
    {%- set parts = metric.type_params.expr.split(' / ') if meta.computed_by == 'metrics' else [] %}
    {{ literal(parts[0]) if parts else 'cast(null as varchar)' }} as above_metric_id,
    {{ literal(parts[1]) if parts else 'cast(null as varchar)' }} as below_metric_id,
    {{ literal((['all'] + meta.allowed_slices) | join(', ')) }} as allowed_slices,
    cast({{ meta.tier }} as bigint) as tier,
    cast({{ meta.version }} as bigint) as version,
    cast({{ least.n if least.n else 'null' }} as bigint) as minimum_n,
    cast({{ var(meta.settles_after) if meta.settles_after else 0 }} as bigint) as settles_after_days
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- else %}
select 1 as placeholder
{%- endif %}
