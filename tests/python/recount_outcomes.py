"""What came of decisions, and the hours behind them: verdicts, appeals, removals, ratings, views, paid time.

As `recount_facts`: one table a subject, each named by the page that it follows.
"""

import duckdb
from recount_facts import MEASURES
from recount_landing import known

# docs/decisions/verdict.md, double-blind.md: one verdict a decision, with the weight of round 1.
VERDICTS = """
create table verdicts as
with answers as (
    select
        decision_id,
        cast(1 / max(inclusion_probability) filter (audit_round = 1) as decimal(18, 6)) as weight,
        -- Who finds the content gone has said nothing: of such a pair the other is the single audit.
        count(distinct audited_outcome) filter (audit_round = 1 and audited_outcome <> 'unauditable') > 1 as disagrees,
        min(audited_outcome) filter (audit_round = 1 and audited_outcome <> 'unauditable') as round_1_outcome,
        min(audited_policy_code) filter (audit_round = 1 and audited_outcome <> 'unauditable') as round_1_policy,
        bool_or(dispute_status is not null) as is_disputed,
        min(dispute_raised_at) as disputed_at,
        bool_or(dispute_status in ('accepted', 'rejected')) as is_settled,
        arg_max(final_outcome, dispute_resolved_at)
            filter (dispute_status in ('accepted', 'rejected')) as settled_outcome,
        arg_max(coalesce(final_policy_code, ''), dispute_resolved_at)
            filter (dispute_status in ('accepted', 'rejected')) as settled_policy
    from audits
    group by all
), later as (
    select
        audits.decision_id,
        arg_max(audited_outcome, (audit_round, audited_at)) as outcome,
        arg_max(coalesce(audited_policy_code, ''), (audit_round, audited_at)) as policy,
        -- Rounds held after the dispute was raised are no part of what was first found.
        arg_max(audited_outcome, (audit_round, audited_at))
            filter (answers.disputed_at is null or audited_at <= answers.disputed_at) as undisputed_outcome
    from audits
    inner join answers on audits.decision_id = answers.decision_id
    where audit_round > 1
    group by all
), judged as (
    select
        answers.*,
        case when not disagrees then round_1_outcome end as first_outcome,
        case
            when is_settled then settled_outcome
            when later.outcome is not null then later.outcome
            when not disagrees then round_1_outcome
        end as final_outcome,
        case
            when is_settled then settled_policy
            when later.outcome is not null then later.policy
            when not disagrees then round_1_policy
        end as final_policy,
        later.undisputed_outcome
    from answers
    left join later on answers.decision_id = later.decision_id
), placed as (
    select
        decided.*, judged.weight, judged.is_disputed,
        case when decided.outcome in {measures} then 'p' when decided.outcome = 'no_violation' then 'n' end as said,
        case
            when final_outcome in {measures} then 'p' when final_outcome = 'no_violation' then 'n'
        end as final_truth,
        case
            when coalesce(undisputed_outcome, first_outcome) in {measures} then 'p'
            when coalesce(undisputed_outcome, first_outcome) = 'no_violation' then 'n'
        end as initial_truth,
        {true_policy} as true_policy
    from judged
    inner join decided on judged.decision_id = decided.decision_id
    where decided.is_production
)
select
    * exclude (said, final_truth, initial_truth),
    said || final_truth as final_cell,
    said || initial_truth as initial_cell
from placed
"""

# docs/decisions/appeals-by-decision.md, who-appeals.md, overturned.md.
APPEALS = """
create table appealed as
with timely as (
    select appeals.*
    from appeals
    inner join decided on appeals.decision_id = decided.decision_id
    where appeals.channel = 'internal'
        and appeals.appealed_at between decided.decided_at and decided.decided_at + interval {window} day
), firsts as (
    select *
    from timely
    qualify row_number() over (partition by decision_id, appellant_type order by appealed_at, appeal_id) = 1
), reversals as (
    select decision_id, count(*) as reversals, count(implemented_at) as reinstated
    from appeals
    inner join decided using (decision_id)
    where appeals.outcome in ('reversed', 'partially_reversed') and appeals.appealed_at >= decided.decided_at
    group by all
)
select
    decided.*,
    case when decided.is_automated then 'automation' else 'people' end as automation,
    case when decided.is_enforcement_action then creator.outcome end as creator_outcome,
    case when decided.is_of_production and decided.outcome = 'no_violation' then reporter.outcome end
        as reporter_outcome,
    case when decided.is_enforcement_action then reversals.reversals end as reversals,
    case when decided.is_enforcement_action then reversals.reinstated end as reinstated
from decided
cross join known
left join firsts as creator on decided.decision_id = creator.decision_id and creator.appellant_type = 'creator'
left join firsts as reporter on decided.decision_id = reporter.decision_id and reporter.appellant_type = 'reporter'
left join reversals on decided.decision_id = reversals.decision_id
where decided.decided_on + {window} <= known.last_day
"""

# Metric catalogue, proactive_removal_rate: contents, by their first removal that was not reversed.
REMOVALS = """
create table removals as
with undone as (
    select decision_id
    from appeals
    where outcome in ('reversed', 'partially_reversed') and implemented_at is not null
), standing as (
    select *
    from decided
    where outcome = 'remove' and is_of_production and content_id is not null and reversed_at is null
        and decision_id not in (select decision_id from undone)
    qualify row_number() over (partition by content_id order by decided_at, decision_id) = 1
)
select
    standing.*,
    exists (
        select 1 from user_reports
        where user_reports.content_id = standing.content_id and user_reports.reported_at < standing.decided_at
    ) as was_reported
from standing
"""

# docs/decisions/csat-instrument.md: the ratings of the tool, asked when offered.
RATINGS = """
create table ratings as
select
    cast(rating.created_at as date) as asked_on, rating.score,
    coalesce(ticket.group_id, '(none)') as support_group,
    coalesce(ticket.via_channel, '(none)') as channel,
    coalesce(ticket.priority, '(none)') as priority
from (
    select * from satisfaction_rating qualify row_number() over (partition by id order by updated_at desc) = 1
) as rating
left join ticket on rating.ticket_id = ticket.id
"""

VIEWS = """
create table views as
select
    viewed_on, is_violative, {market} as market,
    cast(1 / inclusion_probability as decimal(18, 6)) as weight
from view_samples
where is_violative is not null
"""

# docs/decisions/shift-day.md: hours land by the day of the site.
HOURS = """
create table hours as
select
    activity.*, activity.handling_seconds + activity.idle_seconds as productive_seconds, roster.role,
    coalesce(roster.site_id, '(unmapped)') as site,
    coalesce(roster.vendor_id, '(unmapped)') as vendor,
    coalesce(roster.team_id, '(unmapped)') as team
from activity
left join roster
    on activity.moderator_id = roster.moderator_id
    and activity.activity_on between roster.valid_from and roster.valid_to
"""

# docs/decisions/hours-of-production.md: hours and cost of a site's day, less the share of handling of other work.
SHIFTS = """
create table shifts as
with local as (
    select
        decided.*,
        cast((decided.decided_at at time zone 'UTC') at time zone sites.time_zone as date) as shift_on
    from decided
    inner join seed_sites as sites on decided.site = sites.site_id
    where not decided.is_automated
), work as (
    select
        shift_on, site, vendor,
        count(*) filter (is_production and outcome <> 'skip') as decisions,
        coalesce(
            sum(capped_seconds) filter (not is_production) / nullif(sum(cast(capped_seconds as double)), 0), 0
        ) as other_share
    from local
    group by all
), priced as (
    select
        activity_on as shift_on, site, vendor, sum(productive_seconds) / 3600.0 as hours,
        sum(case rates.billing_basis
            when 'paid_hour' then paid_seconds / 3600.0 * rates.rate * exchange.rate
            when 'productive_hour' then productive_seconds / 3600.0 * rates.rate * exchange.rate
        end) as hour_cost
    from hours
    left join seed_rates as rates
        on hours.vendor = rates.vendor_id and hours.site = rates.site_id
        and hours.activity_on between rates.valid_from and coalesce(rates.valid_to, date '9999-12-31')
        -- A role without a rate is priced as moderators are.
        and rates.role = case
            when exists (
                select 1 from seed_rates as own
                where own.vendor_id = hours.vendor and own.site_id = hours.site and own.role = hours.role
            ) then hours.role
            else 'moderator'
        end
    left join seed_exchange_rates as exchange on rates.currency = exchange.currency
    group by all
), by_decision as (
    select local.shift_on, local.site, local.vendor, sum(rates.rate * exchange.rate) as decision_cost
    from local
    inner join seed_rates as rates
        on local.vendor = rates.vendor_id and local.site = rates.site_id and rates.billing_basis = 'decision'
        and local.shift_on between rates.valid_from and coalesce(rates.valid_to, date '9999-12-31')
    inner join seed_exchange_rates as exchange on rates.currency = exchange.currency
    where local.is_production and local.outcome <> 'skip'
    group by all
)
select
    shift_on, site, vendor,
    case when priced.hours is not null then work.decisions end as decisions,
    case when priced.hour_cost is not null or by_decision.decision_cost is not null then work.decisions end
        as priced_decisions,
    priced.hours,
    priced.hours * coalesce(work.other_share, 0) as other_hours,
    coalesce(priced.hour_cost * (1 - coalesce(work.other_share, 0)), 0) + coalesce(by_decision.decision_cost, 0)
        as cost
from priced
full join work using (shift_on, site, vendor)
left join by_decision using (shift_on, site, vendor)
"""

# docs/decisions/attrition.md: leavers of a month over its mean headcount, day by day.
PEOPLE = """
create table people as
with days as (
    select cast(unnest(generate_series(
        (select min(enqueued_on) from roots)::timestamp, (select last_day from known)::timestamp, interval 1 day
    )) as date) as day
)
select
    days.day, roster.site_id as site, roster.vendor_id as vendor, roster.team_id as team,
    count(*) / cast(max(extract(day from last_day(days.day))) as double) as of_the_month,
    count(*) filter (roster.left_on = days.day) as leavers
from days
inner join roster
    on days.day between greatest(roster.valid_from, roster.hired_on)
    and least(roster.valid_to, coalesce(roster.left_on, date '9999-12-31'))
group by all
"""


def tables_of_outcomes(connection: duckdb.DuckDBPyConnection, window: int) -> None:
    """Make the tables of what came of decisions; `window` is the days in which an appeal counts."""
    true_policy = known("nullif(judged.final_policy, '')", "policies", missing="(none)")
    connection.execute(VERDICTS.format(measures=MEASURES, true_policy=true_policy))
    connection.execute(APPEALS.format(window=window))
    connection.execute(REMOVALS)
    connection.execute(RATINGS)
    connection.execute(VIEWS.format(market=known("market", "markets")))
    connection.execute(HOURS)
    connection.execute(SHIFTS)
    connection.execute(PEOPLE)
