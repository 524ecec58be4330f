<%- from 'slicing.sql' import slicing -%>
<%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%>
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['quality'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['quality']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
-- What audits first found of decisions with an enforcement action and of those without, by the policy group of what was suspected, of
-- slices in which audits of either arm say as much as so many of equal weight as may be published: of a handful, none
-- found means little. Before disputes, since what auditors miss is known of their own answers only; by what was
-- suspected, since a decision without an enforcement action is of no other policy.
with audits_cells as (
    select
<%- for entity in entities %>
        coalesce(audits.<< entity.expression >>, '(none)') as << entity.name >>,
<%- endfor %>
        coalesce(policies.policy_group, '(none)') as policy_group,
<%- for arm, cells in arms.items() %>
<%- set weight = 'cast(audits.' ~ cells[0] ~ '_weight + audits.' ~ cells[1] ~ '_weight as decimal(18, 6))' %>
        audits.<< cells[0] >>s + audits.<< cells[1] >>s as << arm >>_audits,
        << weight >> as << arm >>_weight,
        << weight >>
        * << weight >> as << arm >>_squares,
        audits.<< cells[0] >>_weight as << arm >>_violative,
<%- endfor %>
        greatest(
            {{ period_start("'week'", 'audits.event_on') }}, {{ period_start("'month'", 'audits.event_on') }}
        ) as piece_on
    from {{ ref('int_drawn_verdicts') }} as audits
    left join {{ ref('int_policy_versions') }} as policies
        on
            audits.suspected_policy_code = policies.policy_code
            and audits.event_on between policies.valid_from and policies.valid_to
    where {{ in_days_of_periods(affected, 'event_on') }}
),

<< slicing('audits', entities, ['policy_group', 'piece_on'], sums) >>,

dated as (
    select
        scoped.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'scoped.piece_on') }} as period_start
    from audits_scoped as scoped
    cross join ({{ grains(period_grains()) }}) as grains
),

summed as (
    select
<%- for name in cell %>
        << name >>,
<%- endfor %>
        policy_group,
<%- for column, aggregate in sums.items() %>
        << aggregate >> as << column >><< ',' if not loop.last >>
<%- endfor %>
    from dated
    where {{ in_periods(affected) }}
    group by << cell | join(', ') >>, policy_group
),

weighed as (
    select
        *,
<%- for arm in arms %>
        sum(<< arm >>_weight) over slices_ as << arm >>_weight_of_slice,
        sum(<< arm >>_squares) over slices_ as << arm >>_squares_of_slice<< ',' if not loop.last >>
<%- endfor %>
    from summed
    window slices_ as (partition by << cell | join(', ') >>)
),

united as (
<%- for arm in arms %>
    select
<%- for name in cell[:-1] %>
        << name >>,
<%- endfor %>
        policy_group,
        << 'true' if arm == 'actioned' else 'false' >> as is_positive,
        cast(<< arm >>_audits as bigint) as audits,
        cast(<< arm >>_weight as decimal(28, 6)) as weight,
        cast(<< arm >>_violative as decimal(28, 6)) as violative_weight,
        period_start
    from weighed
    where
        << arm >>_weight > 0
<%- for each in arms %>
        and << each >>_weight_of_slice > 0
        and pow(<< each >>_weight_of_slice, 2) >= {{ var('minimum_audits') }} * << each >>_squares_of_slice
<%- endfor %>
<%- if not loop.last %>
    union all
<%- endif %>
<%- endfor %>
)

select
    *,
    {{ batch() }} as _batch
from united
