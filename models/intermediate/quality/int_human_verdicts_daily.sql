-- Of production: what machines decide is never pooled into a metric of people, nor are gold, audits and appeals. All
-- columns, whichever the roll-up has.
select * from {{ ref('int_verdicts_daily') }} -- noqa: AM04
where is_production
