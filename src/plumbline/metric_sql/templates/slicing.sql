<#- Rows by day and entities become rows by scope and slice: each row once in each slice that it belongs to. A slice is all, or
a member of one entity. A scope is all, a vendor or a market, so that who may see one of them has all its slices and nothing
else's. In two steps, since the first leaves few rows for the second: by slice, vendor and market, then by slice and scope.
An aggregate must be one of itself: a sum of sums, a union of sets. `name`_cells has the rows; `by` names columns that stay. -#>
<% macro slicing(name, entities, by, aggregates) -%>
<%- set scopes = entities | map(attribute='name') | select('in', ['vendor', 'market']) | list -%>
<%- set others = entities | map(attribute='name') | reject('in', ['vendor', 'market']) | list -%>
<%- set kept = by + scopes -%>
<< name >>_split as (
    select
<%- for column in kept %>
        << column >>,
<%- endfor %>
<%- if others %>
        case
<%- for entity in others %>
            when grouping(<< entity >>) = 0 then '<< entity >>'
<%- endfor %>
            else 'all'
        end as slice_type,
        coalesce(<< (others + ["'all'"]) | join(', ') >>) as slice,
<%- else %>
        'all' as slice_type,
        'all' as slice,
<%- endif %>
<%- for column, aggregate in aggregates.items() %>
        << aggregate >> as << column >><< ',' if not loop.last >>
<%- endfor %>
    from << name >>_cells
    group by {{ each_slice(['<< kept | join("', '") >>'], [<% for entity in others %>'<< entity >>'<< ', ' if not loop.last >><% endfor %>]) }}  -- noqa: PRS
),
<%- if scopes %>

<< name >>_placed as (
    select * from << name >>_split
<%- for scope in scopes %>
    union all
    select * replace ('<< scope >>' as slice_type, << scope >> as slice) from << name >>_split
    where slice_type = 'all'
<%- endfor %>
),
<%- endif %>

<< name >>_scoped as (
    select
        *<% if scopes %> exclude (<< scopes | join(', ') >>)<% endif %>,
        'all' as scope_type,
        'all' as scope
    from << name >>_<< 'placed' if scopes else 'split' >>
<%- for scope in scopes %>
    union all
    select
        * exclude (<< scopes | join(', ') >>),
        '<< scope >>' as scope_type,
        << scope >> as scope
    from << name >>_placed
    where << scope >> not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
<%- endfor %>
)
<%- endmacro %>
