{{ config(materialized='table') }}

-- What moderation cost by day of the shift, in the reporting currency, by the rate and the exchange rate of that day.
-- Hours of which none have landed are not known: no cost, not none. Few rows: made anew.
with work as (
    select
        site_id,
        vendor_id,
        sum(paid_seconds) as paid_seconds,
        sum(productive_seconds) as productive_seconds,
        sum(terminal_decisions) as terminal_decisions,
        {{ union_of_people('people_bits') }} as people_bits,
        shift_on
    from (
        select
            site_id,
            vendor_id,
            paid_seconds,
            handling_seconds + idle_seconds as productive_seconds,
            0 as terminal_decisions,
            people_bits,
            event_on as shift_on
        from {{ ref('int_activity_daily') }}
        union all
        select
            site_id,
            vendor_id,
            null,
            null,
            terminal_decisions,
            null,
            shift_on
        from {{ ref('int_shift_output_daily') }}
    ) as of_both
    group by site_id, vendor_id, shift_on
),

-- A row ends where the next of its kind begins.
rates as (
    select
        *,
        lead(valid_from) over (partition by vendor_id, site_id, billing_basis order by valid_from) - 1 as next_from
    from {{ ref('rates') }}
    where role = 'moderator'
),

exchange_rates as (
    select
        *,
        lead(valid_from) over (partition by currency order by valid_from) - 1 as next_from
    from {{ ref('exchange_rates') }}
),

priced as (
    select
        work.*,
        -- A decimal, so that sums do not depend on order.
        cast(case rates.billing_basis
            when 'paid_hour' then cast(work.paid_seconds as double) / 3600
            when 'productive_hour' then cast(work.productive_seconds as double) / 3600
            when 'decision' then cast(work.terminal_decisions as double)
        end * cast(rates.rate as double) * cast(exchange_rates.rate as double) as decimal(28, 9)) as amount
    from work
    left join rates
        on
            work.vendor_id = rates.vendor_id
            and work.site_id = rates.site_id
            and work.shift_on between rates.valid_from
            and least(coalesce(rates.valid_to, {{ forever() }}), coalesce(rates.next_from, {{ forever() }}))
    left join exchange_rates
        on
            rates.currency = exchange_rates.currency
            and work.shift_on between exchange_rates.valid_from
            and least(
                coalesce(exchange_rates.valid_to, {{ forever() }}), coalesce(exchange_rates.next_from, {{ forever() }})
            )
)

-- A site may be billed by more than one basis at once: then both are due.
select
    site_id,
    vendor_id,
    cast(max(terminal_decisions) as bigint) as terminal_decisions,
    cast(case when count(*) = count(amount) then max(terminal_decisions) end as bigint) as priced_decisions,
    cast(case when count(*) = count(amount) then sum(amount) end as decimal(28, 9)) as cost,
    {{ union_of_people('people_bits') }} as people_bits,
    shift_on
from priced
group by site_id, vendor_id, shift_on
