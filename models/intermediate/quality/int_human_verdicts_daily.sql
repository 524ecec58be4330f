-- What machines decide is never pooled into a metric of people. All columns, whichever the roll-up has.
select * from {{ ref('int_verdicts_daily') }} -- noqa: AM04
where automation_level in ('none', 'partial')
