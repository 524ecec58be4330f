-- A day, scope and slice stands once in the slices of an area. By the days that this run touched; those of small roll-ups
-- are grouped anew in every run.
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
    where {{ touched_in_this_run(ref('touched_metric_days'), 'reporting_on') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    *,
    count(*) as row_count
from slices
group by all
having count(*) > 1
