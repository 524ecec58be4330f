{{ config(group='people', access='private') }}

-- The figures as they may be published: each with what it rests on, or with the reason why it has no value.
{%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] %}
{%- set few_people = "'fewer than " ~ var('minimum_people') ~ " people'" %}
{%- set few_audits = "'fewer than " ~ var('minimum_audits') ~ " audits'" %}

with defined as (
    select
        *,
        minimum in ('people', 'workers') or minimum = 'audits' and date_role = 'decided' as is_about_people
    from {{ ref('int_metric_definitions') }}
),

-- Fails closed: where nobody counts the people behind a figure, it has no value.
counted as (
    select
        values_.*,
        defined.minimum,
        defined.minimum_n,
        defined.counted,
        defined.only_by,
        case
            -- What is inferred is withheld by its own mart, which knows the people.
            when {{ few_people }} in (values_.not_estimable_reason, values_.no_interval_reason) then {{ few_people }}
            when defined.computed_by = 'python' or not defined.is_about_people then null
            when defined.minimum = 'people' and coalesce(values_.people_at_least, 0) < {{ var('minimum_people') }}
                then {{ few_people }}
            when values_.people_at_least is null then 'nobody knows of how many people'
            -- Where nobody had a part in it, the figure describes no person.
            when values_.people_at_least = 0 and defined.minimum = 'workers' then null
            when values_.people_at_least < {{ var('minimum_people') }} then {{ few_people }}
        end as few_people_reason
    from {{ ref('int_metric_values') }} as values_
    inner join defined on values_.metric_id = defined.metric_id
),

-- Of few people neither a value nor a count is published, and that reason goes before any other.
judged as (
    select
        *,
        case
            when few_people_reason is not null then few_people_reason
            when not_estimable_reason is not null then not_estimable_reason
            when slice_type <> only_by then 'read by ' || only_by || ' only'
            when minimum = 'audits' and coalesce(n, 0) < {{ var('minimum_audits') }} then {{ few_audits }}
            when denominator = 0 then 'nothing to divide by'
            when coalesce(n, denominator) < minimum_n
                then 'fewer than ' || cast(minimum_n as varchar) || ' ' || counted
            else no_interval_reason
        end as not_reportable_reason
    from counted
),

valued as (
    select
        metric_id,
        {{ cell | join(', ') }},
        case when few_people_reason is null then n end as n,
        case when not_reportable_reason is null then metric_value end as metric_value,
        lower,
        upper,
        few_people_reason is not null as is_of_few_people,
        is_provisional,
        is_complete,
        not_reportable_reason
    from judged
),

-- One metric over another has no value where either has none. What is above is known of all, so the interval is that of
-- what is below, which may be sampled.
quotients as (
    select
        defined.metric_id,
        {%- for name in cell %}
        above.{{ name }},
        {%- endfor %}
        case when not above.is_of_few_people then below.n end as n,
        above.metric_value / nullif(below.metric_value, 0) as metric_value,
        above.metric_value / nullif(below.upper, 0) as lower,
        above.metric_value / nullif(below.lower, 0) as upper,
        above.is_of_few_people or coalesce(below.is_of_few_people, false) as is_of_few_people,
        below.is_provisional,
        above.is_complete and coalesce(below.is_complete, true) as is_complete,
        coalesce(
            above.not_reportable_reason,
            below.not_reportable_reason,
            case
                when below.metric_id is null and defined.minimum = 'audits' then {{ few_audits }}
                when below.metric_id is null or below.metric_value = 0 then 'nothing to divide by'
            end
        ) as not_reportable_reason
    from defined
    inner join valued as above on defined.above_metric_id = above.metric_id
    left join valued as below
        on
            defined.below_metric_id = below.metric_id
            {%- for name in cell %}
            and above.{{ name }} = below.{{ name }}
            {%- endfor %}
    where
        list_contains(string_split(defined.allowed_slices, ', '), above.slice_type)
        and list_contains(string_split(defined.allowed_slices, ', '), above.scope_type)
),

final as (
    select * from valued
    union all by name
    select * from quotients
)

select * from final
