{{ config(group='people') }}

-- The figures as they may be published: each with what it rests on, or with the reason why there is none.
{%- set cell = ['metric_id', 'grain', 'scope_type', 'scope', 'slice_type', 'slice'] %}
{%- set few_people = "'fewer than " ~ var('minimum_people') ~ " people'" %}
{%- set too_few = "'fewer than ' || cast(metrics.minimum_n as varchar) || ' ' || metrics.counted" %}
{%- set in_order = 'partition by ' ~ cell | join(', ') ~ ' order by period_start' %}

-- What statistics say of sums over sums.
with intervals as (
    select
        {{ cell | join(', ') }},
        lower,
        upper,
        not_estimable_reason,
        is_provisional,
        period_start
    from {{ ref('mart_quality_estimates') }}
    union all
    select
        {{ cell | join(', ') }},
        lower,
        upper,
        null as not_estimable_reason,
        null as is_provisional,
        period_start
    from {{ ref('mart_metric_intervals') }}
),

-- The metrics that are no sum over a sum.
computed as (
    select
        {{ cell | join(', ') }},
        audits as n,
        estimate,
        lower,
        upper,
        not_estimable_reason,
        is_provisional,
        is_complete,
        period_start
    from {{ ref('mart_quality_estimates') }}
    union all
    select
        coefficient as metric_id,
        'month' as grain,
        'all' as scope_type,
        'all' as scope,
        slice_type,
        slice,
        items as n,
        estimate,
        lower,
        upper,
        not_estimable_reason,
        null as is_provisional,
        is_complete,
        period_start
    from {{ ref('mart_inter_rater_agreement') }}
    -- Who rates anew has heard what others said.
    where slice_type <> 'session' and rating_round = 1
),

-- Who decided in a cell, for the metrics whose sums know no people.
workers as (
    select
        {{ cell[1:] | join(', ') }},
        people_at_least,
        period_start
    from {{ ref('mart_metric_series') }}
    where metric_id = 'average_handle_time'
),

with_people as (
    select
        series.*,
        intervals.lower,
        intervals.upper,
        intervals.is_provisional,
        metrics.minimum_n,
        metrics.counted,
        metrics.minimum,
        metrics.only_by,
        intervals.not_estimable_reason as no_interval_reason,
        case
            when metrics.minimum = 'people' and coalesce(series.people_at_least, 0) < {{ var('minimum_people') }}
                then {{ few_people }}
            -- Where nobody decided, the figure describes no person.
            when
                (metrics.minimum = 'workers' or metrics.minimum = 'audits' and metrics.date_role = 'decided')
                and workers.people_at_least between 1 and {{ var('minimum_people') }} - 1
                then {{ few_people }}
            -- Of weeks and longer, estimates know of how many people; who decided by a policy on a day nobody counts.
            when
                metrics.minimum = 'audits' and metrics.date_role = 'decided' and series.grain = 'day'
                and series.slice_type in ('decided_policy', 'true_policy')
                then 'perhaps fewer than {{ var('minimum_people') }} people'
            when intervals.not_estimable_reason = {{ few_people }} then {{ few_people }}
        end as few_people_reason
    from {{ ref('mart_metric_series') }} as series
    inner join {{ ref('dim_metric') }} as metrics on series.metric_id = metrics.metric_id
    left join intervals
        on
            series.period_start = intervals.period_start
            {%- for name in cell %}
            and series.{{ name }} = intervals.{{ name }}
            {%- endfor %}
    left join workers
        on
            series.period_start = workers.period_start
            {%- for name in cell[1:] %}
            and series.{{ name }} = workers.{{ name }}
            {%- endfor %}
),

-- Cells of few people have neither a value nor a count, and that reason goes before any other.
summed as (
    select
        * exclude (not_estimable_reason, few_people_reason, no_interval_reason),
        few_people_reason is not null as is_of_few_people,
        case
            when few_people_reason is not null then few_people_reason
            when not_estimable_reason is not null then not_estimable_reason
            when slice_type <> only_by then 'read by ' || only_by || ' only'
            when minimum = 'audits' and coalesce(n, 0) < {{ var('minimum_audits') }}
                then 'fewer than {{ var('minimum_audits') }} audits'
            when denominator = 0 then 'nothing to divide by'
            when coalesce(n, denominator) < minimum_n
                then {{ too_few | replace('metrics.', '') }}
            else no_interval_reason
        end as not_reportable_reason
    from with_people
),

-- What Python computes is withheld by its own mart where it cannot be estimated or people are too few.
inferred as (
    select
        computed.* exclude (not_estimable_reason),
        coalesce(computed.not_estimable_reason = {{ few_people }}, false) as is_of_few_people,
        case
            when computed.not_estimable_reason is not null then computed.not_estimable_reason
            when computed.n < metrics.minimum_n
                then {{ too_few }}
        end as not_reportable_reason
    from computed
    inner join {{ ref('dim_metric') }} as metrics on computed.metric_id = metrics.metric_id
    where metrics.computed_by = 'python'
),

valued as (
    select
        {{ cell | join(', ') }},
        case when not is_of_few_people then n end as n,
        case
            when not_reportable_reason is null
                then cast(numerator as double) / coalesce(cast(denominator as double), 1)
        end as metric_value,
        lower,
        upper,
        is_of_few_people,
        is_provisional,
        is_complete,
        not_reportable_reason,
        period_start
    from summed
    union all
    select
        {{ cell | join(', ') }},
        case when not is_of_few_people then n end as n,
        case when not_reportable_reason is null then estimate end as metric_value,
        lower,
        upper,
        is_of_few_people,
        is_provisional,
        is_complete,
        not_reportable_reason,
        period_start
    from inferred
),

-- One metric over another has no value where either has none, and the interval of the one that is sampled.
quotients as (
    select
        'cost_per_correct_decision' as metric_id,
        {%- for name in cell[1:] %}
        cost.{{ name }},
        {%- endfor %}
        case when not cost.is_of_few_people then accuracy.n end as n,
        cost.metric_value / nullif(accuracy.metric_value, 0) as metric_value,
        cost.metric_value / nullif(accuracy.upper, 0) as lower,
        cost.metric_value / nullif(accuracy.lower, 0) as upper,
        cost.is_of_few_people or coalesce(accuracy.is_of_few_people, false) as is_of_few_people,
        accuracy.is_provisional,
        cost.is_complete and coalesce(accuracy.is_complete, true) as is_complete,
        coalesce(
            cost.not_reportable_reason,
            accuracy.not_reportable_reason,
            case
                when accuracy.metric_id is null then 'fewer than {{ var('minimum_audits') }} audits'
                when accuracy.metric_value = 0 then 'nothing to divide by'
            end
        ) as not_reportable_reason,
        cost.period_start
    from valued as cost
    left join valued as accuracy
        on
            accuracy.metric_id = 'audit_accuracy'
            and cost.period_start = accuracy.period_start
            {%- for name in cell[1:] %}
            and cost.{{ name }} = accuracy.{{ name }}
            {%- endfor %}
    where cost.metric_id = 'cost_per_decision'
),

everything as (
    select * from valued
    union all
    select * from quotients
),

-- What is known of all needs no interval: it is its own. What is sampled and has none could be anything.
bounded as (
    select
        everything.*,
        metrics.direction,
        metrics.version as metric_version,
        case when metrics.interval_method = 'none' then everything.metric_value end as known_value
    from everything
    inner join {{ ref('dim_metric') }} as metrics on everything.metric_id = metrics.metric_id
),

before as (
    select
        *,
        lag(period_start) over ({{ in_order }}) as start_before,
        lag(metric_value) over ({{ in_order }}) as value_before,
        lag(is_complete) over ({{ in_order }}) as is_complete_before
    from bounded
),

-- The period before, where it has a value; none when it was left out. Between a whole and a part lies no change.
compared as (
    select
        *,
        {%- set follows = 'start_before = ' ~ later_period('grain', 'period_start', -1) %}
        case when {{ follows }} then value_before end as previous_value,
        case
            when {{ follows }} and is_complete and is_complete_before then metric_value - value_before
        end as change
    from before
),

-- A target for the slice goes before one for all.
targeted as (
    select
        compared.*,
        coalesce(own.target, general.target) as target
    from compared
    left join {{ ref('dim_metric_target') }} as own
        on
            compared.metric_id = own.metric_id
            -- The whole of a scope is what its slice is in the scope of all.
            and own.slice_type
            = case when compared.slice_type = 'all' then compared.scope_type else compared.slice_type end
            and own.slice = case when compared.slice_type = 'all' then compared.scope else compared.slice end
            and compared.period_start between own.valid_from and own.valid_to
    left join {{ ref('dim_metric_target') }} as general
        on
            compared.metric_id = general.metric_id
            and general.slice_type = 'all'
            and compared.period_start between general.valid_from and general.valid_to
),

final as (
    select
        metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        metric_version,
        n,
        metric_value,
        previous_value,
        change,
        case when metric_value is not null then lower end as lower,
        case when metric_value is not null then upper end as upper,
        target,
        -- A period that is not complete has neither met nor missed its target yet; what is sampled does so by its whole
        -- interval, or not at all.
        case
            when target is null or metric_value is null or direction = 'none' then null
            when not coalesce(is_complete, false) then 'provisional'
            when direction = 'up' and coalesce(lower, known_value) >= target then 'met'
            when direction = 'up' and coalesce(upper, known_value) < target then 'missed'
            when direction = 'down' and coalesce(upper, known_value) <= target then 'met'
            when direction = 'down' and coalesce(lower, known_value) > target then 'missed'
            else 'inconclusive'
        end as target_status,
        not_reportable_reason,
        not_reportable_reason is null as is_reportable,
        is_provisional,
        is_complete,
        period_start
    from targeted
)

select
    *,
    {{ build_id() }} as build_id
from final
