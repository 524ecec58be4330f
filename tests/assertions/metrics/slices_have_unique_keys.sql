-- A day, scope and slice stands once in the slices of an area. By the days that this run affected; those of small
-- roll-ups are grouped again in every run.
{{ config(meta={'owner': 'analytics-engineering'}) }}

with slices as (
    {% for area in ['efficiency', 'workforce', 'quality', 'appeals', 'exposure', 'support'] -%}
    select
        '{{ area }}' as area,
        reporting_on,
        scope_type,
        scope,
        slice_type,
        slice
    from {{ ref('int_' ~ area ~ '_slices') }}
    where {{ affected_in_this_run(ref('affected_metric_days'), 'reporting_on') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    *,
    count(*) as row_count
from slices
group by all
having count(*) > 1
