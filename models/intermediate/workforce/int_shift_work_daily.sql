-- Over 120 lines: decisions meet hours and rates by shift, which no other model needs apart.
{{ config(materialized='table') }}

-- What shifts decided in production, how long they took and what they cost, in the reporting currency, by the rate and
-- the exchange rate of the day. Hours and their cost are production's in the proportion of handling time: what went to
-- gold, audits and appeals stands beside it. Hours land later than decisions, and at one site later than at another: a
-- day of unknown hours has no cost, whatever its site is paid by, and its decisions are of no hour. Few rows: rebuilt
-- in each run.
with rates as (
    -- A row ends where the next of its kind begins, if not before.
    select
        *,
        {{ last_valid_day('vendor_id, site_id, role, billing_basis') }} as ends_on
    from {{ ref('rates') }}
),

exchange_rates as (
    select
        *,
        {{ last_valid_day('currency') }} as ends_on
    from {{ ref('exchange_rates') }}
),

output as (
    select
        site_id,
        vendor_id,
        sum(production_decisions - skips) as decisions,
        coalesce(
            cast(sum(other_handle_seconds) as double)
            / nullif(cast(sum(handle_seconds) + sum(other_handle_seconds) as double), 0), 0
        ) as other_share,
        shift_on
    from {{ ref('int_decisions_daily') }}
    where automation_level <> 'full'
    group by site_id, vendor_id, shift_on
),

-- Who has no rate of their own is paid as moderators are; what is paid by decision is decided by moderators.
work as (
    select
        activity.site_id,
        activity.vendor_id,
        case
            when
                exists (
                    select 1
                    from rates
                    where
                        rates.vendor_id = activity.vendor_id
                        and rates.site_id = activity.site_id
                        and rates.role = activity.role
                        and activity.event_on between rates.valid_from and rates.ends_on
                )
                then activity.role
            else 'moderator'
        end as paid_as,
        activity.paid_seconds,
        activity.handling_seconds + activity.idle_seconds as productive_seconds,
        0 as decisions,
        activity.people_bits,
        activity.event_on as shift_on
    from {{ ref('int_activity_daily') }} as activity
    union all
    select
        site_id,
        vendor_id,
        'moderator',
        null,
        null,
        decisions,
        null,
        shift_on
    from output
),

summed as (
    select
        site_id,
        vendor_id,
        paid_as,
        sum(paid_seconds) as paid_seconds,
        sum(productive_seconds) as productive_seconds,
        sum(decisions) as decisions,
        {{ union_of_people('people_bits') }} as people_bits,
        shift_on
    from work
    group by site_id, vendor_id, paid_as, shift_on
),

priced as (
    select
        summed.*,
        -- Gold and audits are not billed by decision.
        case when rates.billing_basis <> 'decision' then coalesce(output.other_share, 0) else 0 end as other_share,
        -- A decimal, so that sums do not depend on order.
        cast(case rates.billing_basis
            when 'paid_hour' then cast(summed.paid_seconds as double) / 3600
            when 'productive_hour' then cast(summed.productive_seconds as double) / 3600
            when 'decision' then cast(summed.decisions as double)
        end * cast(rates.rate as double) * cast(exchange_rates.rate as double) as decimal(28, 9)) as amount
    from summed
    left join rates
        on
            summed.vendor_id = rates.vendor_id
            and summed.site_id = rates.site_id
            and summed.paid_as = rates.role
            and summed.shift_on between rates.valid_from and rates.ends_on
    left join exchange_rates
        on
            rates.currency = exchange_rates.currency
            and summed.shift_on between exchange_rates.valid_from and exchange_rates.ends_on
    left join output
        on
            summed.site_id = output.site_id
            and summed.vendor_id = output.vendor_id
            and summed.shift_on = output.shift_on
),

-- A site may be billed by more than one basis at once: then both are due.
costs as (
    select
        site_id,
        vendor_id,
        case when count(*) = count(amount) then sum(amount) end as cost,
        sum(cast(amount * other_share as decimal(28, 9))) as other_cost,
        shift_on
    from priced
    group by site_id, vendor_id, shift_on
),

days as (
    select
        site_id,
        vendor_id,
        sum(productive_seconds) as productive_seconds,
        sum(decisions) as decisions,
        {{ union_of_people('people_bits') }} as people_bits,
        shift_on
    from summed
    group by site_id, vendor_id, shift_on
),

timed as (
    select
        *,
        productive_seconds is not null as is_timed,
        count(productive_seconds) over (partition by site_id, vendor_id) > 0 as has_ever_hours,
        max(case when productive_seconds is not null then shift_on end) over () as last_timed_on
    from days
),

-- Where nobody ever reports hours, days are known as far as they are elsewhere.
final as (
    select
        timed.*,
        cast(timed.productive_seconds * coalesce(output.other_share, 0) as decimal(28, 9)) as other_seconds,
        case
            when timed.is_timed then costs.cost
            when not timed.has_ever_hours and timed.shift_on <= coalesce(timed.last_timed_on, timed.shift_on)
                then costs.cost
        end as cost,
        costs.other_cost
    from timed
    left join output
        on
            timed.site_id = output.site_id
            and timed.vendor_id = output.vendor_id
            and timed.shift_on = output.shift_on
    inner join costs
        on
            timed.site_id = costs.site_id
            and timed.vendor_id = costs.vendor_id
            and timed.shift_on = costs.shift_on
)

select
    site_id,
    vendor_id,
    cast(case when is_timed then decisions else 0 end as bigint) as timed_decisions,
    cast(case when cost is not null then decisions end as bigint) as priced_decisions,
    cast(coalesce(productive_seconds - other_seconds, 0) as decimal(28, 9)) as productive_seconds,
    cast(coalesce(other_seconds, 0) as decimal(28, 9)) as other_seconds,
    cast(cost - other_cost as decimal(28, 9)) as cost,
    cast(case when cost is not null then other_cost end as decimal(28, 9)) as other_cost,
    people_bits,
    shift_on
from final
