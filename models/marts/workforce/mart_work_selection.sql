{{ config(group='people', access='private') }}

{%- set least_returned, least_days = 30, 30 %}

-- Who keeps the easy work: how long others took for what a person gave back, against what such work takes on average.
with expected as (
    select
        queue_id,
        language,
        cast(sum(handle_seconds) as double) / nullif(cast(sum(handled_decisions) as double), 0) as mean_handle_seconds,
        {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
    from {{ ref('int_decisions_daily') }}
    group by queue_id, language, quarter_starting_on
),

held as (
    select
        moderator_key,
        queue_id,
        language,
        tasks_held,
        tasks_returned,
        returned_decided,
        returned_handle_seconds,
        event_on,
        {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
    from {{ ref('int_returned_work_daily') }}
),

summed as (
    select
        held.moderator_key,
        count(distinct held.event_on) as days,
        sum(held.tasks_held) as tasks_held,
        sum(held.tasks_returned) as tasks_returned,
        sum(held.returned_decided) as returned_decided,
        cast(sum(held.returned_handle_seconds) as double)
        -- Decimals add up to the same in any order.
        / nullif(sum(cast(held.returned_decided * expected.mean_handle_seconds as decimal(38, 9))), 0) as difficulty,
        held.quarter_starting_on
    from held
    left join expected
        on
            held.queue_id = expected.queue_id
            and held.language = expected.language
            and held.quarter_starting_on = expected.quarter_starting_on
    group by held.moderator_key, held.quarter_starting_on
),

judged as (
    select
        *,
        cast(tasks_returned as double) / tasks_held as returned_share,
        case
            when days < {{ least_days }} then 'fewer than {{ least_days }} days'
            when returned_decided < {{ least_returned }}
                then 'fewer than {{ least_returned }} tasks given back and decided'
        end as reason
    from summed
)

select
    moderator_key,
    cast(days as bigint) as days,
    cast(tasks_held as bigint) as tasks_held,
    cast(tasks_returned as bigint) as tasks_returned,
    cast(returned_decided as bigint) as returned_decided,
    returned_share,
    case when reason is null then difficulty end as returned_difficulty,
    -- Work taken up is 1 on average, so that the work kept is (1 - share * difficulty) / (1 - share).
    case
        when reason is null and returned_share < 1
            then returned_share * (difficulty - 1) / (1 - returned_share)
    end as easy_work_index,
    reason,
    quarter_starting_on,
    {{ build_id() }} as build_id
from judged
