<%- from 'slicing.sql' import slicing -%>
<%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%>
<%- set affected = "ref('affected_metric_days'), ['" ~ areas | join("', '") ~ "']" -%>
<% if group == 'rebuilt' -%>
{{ config(materialized='table') }}
<%- else -%>
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['<< areas | join("', '") >>'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(<< affected >>) %}
<%- endif %>

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
<%- for slices in read %>
    select * from {{ ref('int_<< slices >>_slices') }}
<%- if group != 'rebuilt' %>
    where {{ in_days_of_periods(affected, 'reporting_on') }}
<%- endif %>
<%- if not loop.last %>
    union all by name
<%- endif %>
<%- endfor %>
),

dated as (
    select
        days.* exclude (reporting_on),
        grains.grain,
        {{ period_start('grains.grain', 'days.reporting_on') }} as period_start
    from days
    cross join ({{ grains() }}) as grains
),

periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
<%- for column in columns %>
        << 'bit_or' if column.endswith('_people_bits') else 'sum' >>(<< column >>) as << column >>,
<%- endfor %>
        period_start
    from dated
<%- if group != 'rebuilt' %>
    where {{ in_periods(affected) }}
<%- endif %>
    group by all
),
<%- for family in families %>

<< family.name >>_cells as (
    select
<%- for entity in family.entities %>
        coalesce(<< entity.expression >>, '(none)') as << entity.name >>,
<%- endfor %>
        << (family.value ~ ' as bucket') if family.value else 'bucket' >>,
        sum(<< family.count >>) as row_count,
<%- if family.people %>
        bit_or(<< family.people >>) as people_bits,
<%- endif %>
<%- if 'day' in family.grains %>
        << family.day >> as piece_on
<%- else %>
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", '<< family.day >>') }}, {{ period_start("'month'", '<< family.day >>') }}) as piece_on
<%- endif %>
    from {{ ref('<< family.model >>') }}
    where
        << family.day >> is not null
        and << family.count >> > 0
<%- if family.where %>
        and << family.where >>
<%- endif %>
<%- if group != 'rebuilt' %>
        and {{ in_days_of_periods(affected, '<< family.day >>') }}
<%- endif %>
    group by all
),

<< slicing(family.name, family.entities, ['bucket', 'piece_on'], family.aggregates) >>,

<< family.name >>_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from << family.name >>_scoped as pieces
    cross join ({{ grains(['<< family.grains | join("', '") >>']) }}) as grains
),

<< family.name >>_periods as (
    select
<%- for name in cell %>
        << name >>,
<%- endfor %>
        bucket,
<%- if family.people %>
        bit_or(people_bits) as people_bits,
<%- endif %>
        sum(row_count) as row_count
    from << family.name >>_dated
<%- if group != 'rebuilt' %>
    where {{ in_periods(affected) }}
<%- endif %>
    group by all
),

<< family.name >>_quantiles as (
    {{ histogram_quantiles(
        '<< family.name >>_periods', ['<< cell | join("', '") >>'], << family.quantiles >>,
        is_value=<< 'true' if family.value else 'false' >>, people=<< "'people_bits'" if family.people else 'none' >>
    ) }}
),
<%- endfor %>
<%- if needed_of_all %>

-- Where not even the whole has what a metric needs, its parts have not either.
periods_and_needed as (
    select
        *,
<%- for metric in needed_of_all %>
        case
            when slice_type in (<< metric.needed_of_all >>)
                then max(case when slice_type = 'all' then << metric.needed >> end) over (
                    partition by grain, scope_type, scope, period_start
                )
            else << metric.needed >>
        end as << metric.name >>_needed<< ',' if not loop.last >>
<%- endfor %>
    from periods
),
<%- endif %>

-- A row a metric. A list and no union: each branch of a union holds memory of its own until the last has been written.
metrics as (
<%- for rows, members in metrics %>
    select
<%- for name in cell[:-1] %>
        << name >>,
<%- endfor %>
        unnest([
<%- for metric in members %>
            -- << metric.label >>
            {
                'metric_id': '<< metric.name >>',
                'numerator': cast(<< metric.numerator >> as decimal(38, 12)),
                'denominator': cast(<< metric.denominator or 'null' >> as decimal(38, 12)),
                'sum_of_squares': cast(<< metric.sum_of_squares or 'null' >> as decimal(38, 12)),
                'n': cast(<< metric.n or 'null' >> as bigint),
                'people_at_least': cast(<< 'bit_count(' ~ metric.people ~ ')' if metric.people else 'null' >> as bigint),
                'not_estimable_reason': cast(<< metric.reason or 'null' >> as varchar),
                'is_present': << metric.present >> is not null and slice_type in (<< metric.slices >>) and scope_type in (<< metric.slices >>)<< ' and grain in (' ~ metric.grains ~ ')' if metric.grains >>
            }<< ',' if not loop.last >>
<%- endfor %>
        ], recursive := true),
        period_start
    from << rows >>
<%- if not loop.last %>
    union all
<%- endif %>
<%- endfor %>
)

select
    metric_id,
<%- for name in cell[:-1] %>
    << name >>,
<%- endfor %>
    numerator,
    denominator,
    sum_of_squares,
    n,
    people_at_least,
    not_estimable_reason,
<%- if group != 'rebuilt' %>
    {{ batch() }} as _batch,
<%- endif %>
    period_start
from metrics
where is_present
