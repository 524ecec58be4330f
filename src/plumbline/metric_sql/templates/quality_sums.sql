<%- from 'slicing.sql' import slicing -%>
<%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%>
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={
        'areas': ['quality'],
        'grain': 'period',
        'sliced_by': 'quality.audits',
        'slice_factor': 0.1,
        'slice_grain': 'quarter',
    },
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['quality']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
-- depends_on: {{ landed_log('quality', 'audits') }}

-- What intervals need of the metrics that are estimated from audits: weighted sums of numerator and denominator, and how
-- their sums by moderator vary together. A moderator's own sums leave no trace: only squares and products are kept. A
-- metric rests on the audits with a weight in its denominator: precision on those of enforcement actions, recall on those that find
-- a violation. Weights are summed as whole millionths, which a double holds exactly up to nine billion decisions of one
-- moderator: half as large as a sum of decimals, and the same in any order.
with audits as (
    select
<%- for entity in entities %>
        coalesce(<< entity.expression >>, '(none)') as << entity.name >>,
<%- endfor %>
<%- for column in needed %>
        << column >>,
<%- endfor %>
<%- for basis, w in bases.items() %>
        cast(<< w >> > 0 as bigint) as << basis >>_audits,
        case when << w >> > 0 then provisional_audits else 0 end as << basis >>_provisional,
        cast(<< w >> as decimal(28, 6)) * cast(<< w >> as decimal(18, 6)) as << basis >>_squares,
<%- endfor %>
<%- for column in weights %>
        cast(1000000 * << column >> as double) as << column >>,
<%- endfor %>
        -- Eight bytes of it: only equal ones are put together.
        {{ hash64(['moderator_key']) }} as moderator,
        greatest({{ period_start("'week'", '<< day >>') }}, {{ period_start("'month'", '<< day >>') }}) as piece_on
    from {{ ref('int_drawn_verdicts') }}
    where
        {{ in_days_of_periods(affected, '<< day >>') }}
        -- The last week of a slice may end after it.
        and << day >> between {{ first_of_slice() }} and {{ last_of_slice() }} + 6
),

-- How many audits need not be known by moderator, which is dear.
counted_cells as (
    select * from audits
),

<< slicing('counted', entities, ['piece_on'], counted) >>,

weighed_cells as (
    select * from audits
),

<< slicing('weighed', entities, ['moderator', 'piece_on'], weighed) >>,
<%- for name in ['counted', 'weighed'] %>

<< name >>_dated as (
    select
        << name >>_scoped.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', '<< name >>_scoped.piece_on') }} as period_start
    from << name >>_scoped
    cross join ({{ grains(period_grains()) }}) as grains
),
<%- endfor %>

-- Cells of fewer audits than may be published are left out before what is dear.
published as (
    select
<%- for name in cell %>
        << name >>,
<%- endfor %>
        row_number() over (order by << cell | join(', ') >>) as cell_number,
<%- for name, ratio in ratios.items() if ratio.needed %>
        sum(<< ratio.needed >>) as << name >>_needed,
<%- endfor %>
<%- for column, aggregate in counted.items() %>
        << aggregate >> as << column >><< ',' if not loop.last >>
<%- endfor %>
    from counted_dated
    where {{ in_periods(affected) }} and {{ within_slice('period_start') }}
    group by << cell | join(', ') >>
    having
<%- for basis in bases %>
        sum(<< basis >>_audits) >= {{ var('minimum_audits') }}<< ' or' if not loop.last >>
<%- endfor %>
),

clusters as (
    select
        published.cell_number,
        weighed_dated.moderator,
<%- for column in weights %>
        cast(sum(weighed_dated.<< column >>) / 1000000 as decimal(18, 6)) as << column >><< ',' if not loop.last >>
<%- endfor %>
    from weighed_dated
    inner join published
        on
<%- for name in cell %>
            << 'and ' if not loop.first >>weighed_dated.<< name >> = published.<< name >>
<%- endfor %>
    group by published.cell_number, weighed_dated.moderator
),

products as (
    select
        cell_number,
<%- for name, ratio in ratios.items() %>
        count(*) filter (where (<< ratio.w >>) > 0) as << name >>_clusters,
        sum((<< ratio.w >>)) as << name >>_weight,
        sum((<< ratio.y >>)) as << name >>_weighted,
<%- for part, a, b in [('yy', ratio.y, ratio.y), ('yw', ratio.y, ratio.w), ('ww', ratio.w, ratio.w)] %>
        sum(cast((<< a >>) as decimal(28, 6)) * cast((<< b >>) as decimal(18, 6))) as << name >>_cluster_<< part >>,
<%- endfor %>
<%- endfor %>
        count(*) as people
    from clusters
    group by cell_number
),

summed as (
    select
        *
<%- for name, ratio in ratios.items() if ratio.of_all %>,
        -- Where not even the whole has what is needed, its parts have not either.
        case
            when slice_type in (<< ratio.of_all >>)
                then max(case when slice_type = 'all' then << name >>_needed end) over (
                    partition by grain, scope_type, scope, period_start
                )
            else << name >>_needed
        end as << name >>_needed_of_all
<%- endfor %>
    from published
    inner join products using (cell_number)
),

-- A row a metric. One list and no union: each branch of a union holds memory of its own until the last has been written.
united as (
    select
<%- for name in cell[:-1] %>
        << name >>,
<%- endfor %>
        unnest([
<%- for name, ratio in ratios.items() %>
            {
                'metric_id': '<< name >>',
                'not_estimable_reason': << ("case when " ~ name ~ ("_needed_of_all" if ratio.of_all else "_needed") ~ " = 0 then " ~ ratio.reason ~ " end") if ratio.needed else 'null' >>,
                'clusters': cast(<< name >>_clusters as bigint),
                'audits': cast(<< ratio.basis >>_audits as bigint),
                'provisional_audits': cast(<< ratio.basis >>_provisional as bigint),
<%- for part in ['weight', 'weighted', 'cluster_yy', 'cluster_yw', 'cluster_ww'] %>
                '<< part >>': cast(<< name >>_<< part >> as decimal(38, 12)),
<%- endfor %>
                'squared_weight': cast(<< ratio.basis >>_squares as decimal(38, 12)),
                'is_allowed': slice_type in (<< ratio.slices >>) and scope_type in (<< ratio.slices >>)
            }<< ',' if not loop.last >>
<%- endfor %>
        ], recursive := true),
        period_start
    from summed
)

select
    metric_id,
<%- for name in cell[:-1] %>
    << name >>,
<%- endfor %>
    not_estimable_reason,
    clusters,
    audits,
    provisional_audits,
    weight,
    weighted,
    cluster_yy,
    cluster_yw,
    cluster_ww,
    squared_weight,
    period_start,
    {{ batch() }} as _batch
from united
where is_allowed and weight > 0
