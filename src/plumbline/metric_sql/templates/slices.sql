<%- from 'slicing.sql' import slicing -%>
<% if group == 'rebuilt' -%>
{{ config(materialized='table') }}
<%- else -%>
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['<< group >>'], 'day': 'reporting_on'},
) }}
<%- endif %>

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
<%- for model in models %>
<<- comment(model.description) >>
<< model.name >>_cells as (
    select
<%- for entity in model.entities %>
        coalesce(<< entity.expression >>, '(none)') as << entity.name >>,
<%- endfor %>
<%- for measure in model.measures %>
        << measure.aggregation >>(<< measure.expression >>) as << measure.name >>,
<%- endfor %>
<%- if model.people %>
        bit_or(<< model.people >>) as << model.people_column >>,
<%- endif %>
        << model.day >><< ' as reporting_on' if model.day != 'reporting_on' >>
    from {{ ref('<< model.model >>') }}
    where
        << model.day >> is not null
<%- if group != 'rebuilt' %>
        and {{ in_days_of_areas(ref('affected_metric_days'), ['<< group >>'], '<< model.day >>') }}
<%- endif %>
    group by all
),

<< slicing(model.name, model.entities, ['reporting_on'], sums_of[model.name]) >>,
<% endfor %>
united as (
<%- for model in models %>
    select * from << model.name >>_scoped
<%- if not loop.last %>
    union all by name
<%- endif %>
<%- endfor %>
)

select
    scope_type,
    scope,
    slice_type,
    slice,
<%- for model in models %>
<%- for measure in model.measures %>
    cast(sum(<< measure.name >>) as decimal(38, 12)) as << measure.name >>,
<%- endfor %>
<%- if model.people %>
    cast(bit_or(<< model.people_column >>) as bigint) as << model.people_column >>,
<%- endif %>
<%- endfor %>
<%- if group != 'rebuilt' %>
    {{ batch() }} as _batch,
<%- endif %>
    reporting_on
from united
group by all
