"""Days of moderation: what came in, what was true of it, who decided it and when.

Everything is a draw by hash of (seed, name, day, number), so that a day is the same whatever was made before it.
"""

import duckdb

from plumbline.sample import plants, world
from plumbline.sample.fates import MOVED


def make_lookups(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `queue_world`, what a queue is like, and for each attribute that is drawn its table of seats."""
    queues = {**world.QUEUES, "escalations": world.ESCALATIONS}
    connection.execute(
        """
        create table queue_world as select
            unnest($1) as queue_id, unnest($2) as mean_wait, unnest($3) as median_handle,
            unnest($4) as violative_percent, unnest($5) as audit_probability, unnest($6) as content_type,
            unnest($7) as queue_error
        """,
        [
            list(queues),
            [q.mean_wait_seconds for q in queues.values()],
            [q.median_handle_seconds for q in queues.values()],
            [q.violative_percent for q in queues.values()],
            [q.audit_probability for q in queues.values()],
            [world.CONTENT_TYPES[name] for name in queues],
            [q.error for q in queues.values()],
        ],
    )
    connection.execute(
        """
        create table market_draws as
        select language, unnest(markets) as market, unnest(range(len(markets))) as seat
        from (select unnest($1) as language, unnest($2) as markets)
        """,
        [list(world.LANGUAGES), [markets for _, markets in world.LANGUAGES.values()]],
    )
    connection.execute("create table market_seats as select language, count(*) as seats from market_draws group by 1")
    weighted = {
        "queue": {name: queue.weight for name, queue in world.QUEUES.items()},
        "language": {name: weight for name, (weight, _) in world.LANGUAGES.items()},
        "policy": world.POLICIES,
        "measure": world.MEASURES,
    }
    for what, weights in weighted.items():
        _make_draws(connection, what, world.repeated(weights))
    _make_draws(connection, "hour", [hour for hour, weight in enumerate(world.HOURS) for _ in range(weight)])


def _make_draws(connection: duckdb.DuckDBPyConnection, what: str, names: list[str] | list[int]) -> None:
    """Make `{what}_draws`, each name at as many seats as it has weight, and the macro `{what}_seat`: one drawn."""
    connection.execute(
        f"create table {what}_draws as select unnest($1) as drawn_{what}, unnest(range({len(names)})) as seat", [names]
    )
    connection.execute(f"create macro {what}_seat(seed, name, d, i) as pick(seed, name, d, i) % {len(names)}")


def make_days(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Make the tasks and decisions that arise on the days of `day_load`: `roots`, their `steps`, and `automated`."""
    # Numbers first: DuckDB unnests in one thread, and draws from a table in all.
    connection.execute(_NUMBERS)
    for statement in (_ROOTS, _STEPS, _AUTOMATED):
        connection.execute(statement, {"seed": seed})


# A burst is what comes on top of a day's usual: 1 the live streams of a spike that breaks its service level, 2 the
# comments of one that does not, 3 the scams of an incident.
_NUMBERS = f"""
create or replace table root_numbers as
select day, d, i, case
    when i < roots then 0
    when d between {plants.SPIKE} and {plants.SPIKE_ENDS} then 1
    when d between {plants.ABSORBED} and {plants.ABSORBED_ENDS} then 2
    else 3 end as burst
from (
    select day, d, roots, unnest(range(roots + case
        when d between {plants.SPIKE} and {plants.SPIKE_ENDS} then roots // 6
        when d between {plants.ABSORBED} and {plants.ABSORBED_ENDS} then roots // 5
        when d between {plants.INCIDENT} and {plants.INCIDENT_ENDS} then roots // 8
        else 0 end)) as i
    from day_load
);
create or replace table automated_numbers as select day, d, unnest(range(automated)) as i from day_load
"""

_HARD_QUEUES = ", ".join(f"'{queue}'" for queue in world.HARD_QUEUES)

# `path` is what becomes of a root at its first step: decided (direct), skipped or escalated to a second step, closed
# without a decision (expired, deleted), left open, or taken by automation.
_ROOTS = f"""
create or replace table roots as
with drawn as (
    select
        root_numbers.day,
        d,
        i,
        burst,
        strftime(root_numbers.day, 'T%y%m%d-') || lpad(cast(i as varchar), 7, '0') as task_id,
        strftime(root_numbers.day, 'C%y%m%d-') || lpad(cast(i as varchar), 7, '0') as content_id,
        case
            when burst = 1 then 'live' when burst = 2 then 'comments' when burst = 3 then 'accounts'
            when drawn_queue = 'video_general' and drawn_language = 'en' and d >= {plants.MIX_SHIFT}
                and draw($seed, 'mix', d, i) < 0.95 then 'video_sensitive'
            else drawn_queue
        end as queue_id,
        case when burst = 3 then 'en' else drawn_language end as language,
        case when burst = 3 then 'scams' else drawn_policy end as policy_code,
        drawn_measure as measure,
        drawn_hour as arrival_hour,
        pick($seed, 'second', d, i) % 3600 as arrival_second,
        pick($seed, 'market', d, i) as market_pick,
        pick($seed, 'who', d, i) as moderator_pick,
        draw($seed, 'pool', d, i) as pool_draw,
        draw($seed, 'easy', d, i) < 0.5 as is_easy,
        draw($seed, 'violative', d, i) as violative_draw,
        draw($seed, 'wait', d, i) as wait_draw,
        draw($seed, 'path', d, i) as path_draw,
        draw($seed, 'path2', d, i) as plant_draw,
        pick($seed, 'origin', d, i) % 100 as origin_pick,
        pick($seed, 'gold', d, i) % 100 as gold_pick,
        pick($seed, 'fate', d, i) % 1000 as fate
    from root_numbers
    inner join queue_draws as q on q.seat = queue_seat($seed, 'queue', d, i)
    inner join language_draws as l on l.seat = language_seat($seed, 'language', d, i)
    inner join policy_draws as p on p.seat = policy_seat($seed, 'policy', d, i)
    inner join measure_draws as m on m.seat = measure_seat($seed, 'measure', d, i)
    inner join hour_draws as h on h.seat = hour_seat($seed, 'hour', d, i)
), seated as (
    select
        drawn.*, content_type, violative_percent, mean_wait, staff.pool,
        -- The first seat of English is the United States.
        case when burst = 3 then 0 else market_pick % market_seats.seats end as market_seat,
        moderator_pick % staff.seats as moderator_seat
    from drawn
    inner join queue_world on queue_world.queue_id = drawn.queue_id
    inner join market_seats on market_seats.language = drawn.language
    inner join staff
        on staff.day = drawn.day and staff.language = drawn.language
        and staff.pool = case when pool_draw < 0.9 and drawn.queue_id in ({_HARD_QUEUES}) then 1 else 0 end
)
select
    s.day, d, i, task_id, content_id, s.queue_id, s.language, content_type, policy_code, fate,
    market, moderator_id, is_easy,
    case when violative_draw * 100 < violative_percent then measure else 'no_violation' end as true_outcome,
    case
        when origin_pick < 45 then 'user_report' when origin_pick < 92 then 'proactive_model'
        when origin_pick < 95 then 'trusted_flagger' when origin_pick < 98 then 'appeal' else 'audit'
    end as origin,
    gold_pick = 0 as is_gold,
    cast(s.day as timestamp) + to_seconds(arrival_hour * 3600 + arrival_second) as enqueued_at,
    cast(-ln(1 - wait_draw * 0.9999) * mean_wait * case
        when s.queue_id = 'live' and d between {plants.SPIKE} and {plants.SPIKE_ENDS} then 8
        when s.queue_id = 'accounts' and d >= {plants.NEWEST_FIRST} then 0.5
        else 1 end as bigint) as wait_seconds,
    case
        when s.queue_id = 'comments' and is_easy and d >= {plants.AUTOMATION_TAKES_EASY} and plant_draw < 0.8
            then 'automated'
        when s.queue_id = 'accounts' and not is_easy and d >= {plants.NEWEST_FIRST} and plant_draw < 0.4 then 'open'
        when path_draw < case
            when site_id = 'kuala_lumpur' then 0.15
            when moderator_number = {plants.SKIPPER} and not is_easy then 0.6
            else 0.02 end then 'skip'
        when path_draw >= 0.95 and path_draw < 0.98 then 'escalate'
        when path_draw >= 0.98 and path_draw < 0.985 then 'expired'
        when path_draw >= 0.985 and path_draw < 0.99 then 'deleted'
        else 'direct'
    end as path
from seated as s
inner join market_draws on market_draws.language = s.language and market_draws.seat = s.market_seat
inner join present
    on present.day = s.day and present.language = s.language and present.pool = s.pool
    and present.seat = s.moderator_seat
"""

# How likely a decision is wrong, and how long it takes, by who makes it and by what it is about.
_ERROR_FACTOR = f"""
    queue_error * case when is_easy then 0.5 else 1.5 end
    * case kind when 'fast' then 1.6 when 'careful' then 0.6 else 1 end
    * (1 + exp(-tenure / 30.0))
    * case when vendor_id = 'northgate' then 0.8 else 1 end
    * case when language in ('en', 'pt') and d >= {plants.MIX_SHIFT} then 0.75 else 1 end
    * case
        when coaching_arm = 'uncoached' then 2 when coaching_arm = 'coached' and d < {plants.COACHING} then 2
        when coaching_arm in ('bad_month', 'bad_month_coached') and d >= {plants.BAD_MONTH} and d < {plants.COACHING}
            then 2
        else 1 end
    + case when policy_code = 'hate_speech' and language = 'es' and site_id = 'lisbon' and d >= {plants.POLICY_CHANGE}
        then 0.25 else 0 end
"""
_TIME_FACTOR = f"""
    case when step = 1 and path = 'skip' then 0.2 else 1 end
    * case when is_easy then 0.7 else 1.3 end
    * case kind when 'fast' then 0.7 when 'careful' then 1.4 else 1 end
    * (1 + 0.8 * exp(-tenure / 30.0))
    * case when is_treated and d between {plants.EXPERIMENT} and {plants.EXPERIMENT_ENDS} then 0.875 else 1 end
"""

# A chain is a task, and a second one where the first was skipped (same queue) or escalated. What is wrong in an error
# is the place of its draw within the errors: half of those on violations are misses, the rest the wrong measure or the
# wrong policy; nobody errs on self-harm but by missing it.
_STEPS = f"""
create or replace table steps as
with first_steps as (
    select
        *, 1 as step, task_id as step_task_id, cast(null as varchar) as root_task_id, queue_id as step_queue_id,
        enqueued_at as step_enqueued_at, wait_seconds as step_wait
    from roots
    where path <> 'automated'
), followed as (
    select f.*, pick($seed, 'who2', d, i) % staff.seats as second_seat
    from first_steps as f inner join staff on staff.day = f.day and staff.language = f.language and staff.pool = 0
    where path in ('skip', 'escalate')
), second_steps as (
    select
        f.* exclude (second_seat) replace (
            2 as step,
            f.task_id || '-2' as step_task_id,
            f.task_id as root_task_id,
            case when f.path = 'escalate' then 'escalations' else f.queue_id end as step_queue_id,
            f.enqueued_at + to_seconds(f.wait_seconds + 60) as step_enqueued_at,
            cast(600 - ln(1 - draw($seed, 'wait2', f.d, f.i) * 0.999) * 4000 as bigint) as step_wait,
            p.moderator_id as moderator_id
        )
    from followed as f
    inner join present as p
        on p.day = f.day and p.language = f.language and p.pool = 0 and p.seat = f.second_seat
), both_steps as (
    select * from first_steps union all select * from second_steps
), peopled as (
    select
        s.*, queue_error, median_handle, kind, coaching_arm, is_treated, people.site_id, people.vendor_id,
        greatest(day - people.hired_on, 0) as tenure
    from both_steps as s
    inner join queue_world as q on q.queue_id = s.step_queue_id
    inner join people on people.moderator_id = s.moderator_id
), timed as (
    select
        * exclude (queue_error, median_handle, kind, coaching_arm, is_treated, tenure),
        step_enqueued_at + to_seconds(step_wait) as started_at,
        cast(greatest(3, median_handle * exp(0.55 * normal($seed, 'handle', d, i * 2 + step)) * {_TIME_FACTOR})
            as bigint) as handle_seconds,
        draw($seed, 'error', d, i * 2 + step) / least(0.9, {_ERROR_FACTOR}) as error_place,
        policy_code = 'misinformation' and market = 'MX' and d >= {plants.STALE_GUIDELINE}
            and true_outcome = 'no_violation' and draw($seed, 'stale', d, i) < 0.5 as is_stale
    from peopled
)
select
    timed.*,
    started_at + to_seconds(handle_seconds + 2) as finished_at,
    finished_at + case when {MOVED} then interval 1 day else interval 0 day end as settled_at,
    path in ('expired', 'deleted', 'open') as is_undecided,
    case
        when step = 1 and path in ('skip', 'escalate') then path
        when is_stale then 'remove'
        when error_place >= 1 then true_outcome
        when policy_code = 'self_harm' then 'no_violation'
        when true_outcome = 'no_violation' then drawn_measure
        when error_place < 0.5 then 'no_violation'
        when error_place < 0.75 then case when true_outcome = 'label' then 'remove' else 'label' end
        else true_outcome
    end as outcome,
    case
        when error_place >= 0.75 and error_place < 1 and policy_code <> 'self_harm' and drawn_policy <> 'self_harm'
            then drawn_policy
        else policy_code
    end as decided_policy_code
from timed
inner join measure_draws as m on m.seat = measure_seat($seed, 'wrong', d, i)
inner join policy_draws as p on p.seat = policy_seat($seed, 'mislabel', d, i)
"""

# What automation decides without a queue, and the easy comments that it has taken from one.
_AUTOMATED = """
create or replace table automated as
select
    day,
    d,
    strftime(day, 'A%y%m%d-') || lpad(cast(i as varchar), 7, '0') as decision_id,
    strftime(day, 'CA%y%m%d-') || lpad(cast(i as varchar), 7, '0') as content_id,
    'video' as content_type,
    market,
    drawn_language as language,
    drawn_policy as policy_code,
    case when draw($seed, 'a_score', d, i) > 0.35 then drawn_measure else 'no_violation' end as outcome,
    -- Right as often as its score says, and more.
    case
        when draw($seed, 'a_true', d, i) < 0.96
            then case when draw($seed, 'a_score', d, i) > 0.35 then drawn_measure else 'no_violation' end
        when draw($seed, 'a_score', d, i) > 0.35 then 'no_violation'
        else drawn_measure
    end as true_outcome,
    round(0.5 + 0.5 * draw($seed, 'a_score', d, i), 4) as model_score,
    cast(day as timestamp) + to_seconds(drawn_hour * 3600 + pick($seed, 'a_second', d, i) % 3600) as decided_at,
    pick($seed, 'a_views', d, i) as views_pick
from automated_numbers
inner join language_draws as l on l.seat = language_seat($seed, 'a_language', d, i)
inner join policy_draws as p on p.seat = policy_seat($seed, 'a_policy', d, i)
inner join measure_draws as m on m.seat = measure_seat($seed, 'a_measure', d, i)
inner join hour_draws as h on h.seat = hour_seat($seed, 'a_hour', d, i)
inner join market_seats on market_seats.language = drawn_language
inner join market_draws
    on market_draws.language = drawn_language
    and market_draws.seat = pick($seed, 'a_market', d, i) % market_seats.seats
union all
select
    day, d, 'AT' || substr(task_id, 2), content_id, content_type, market, language, policy_code, true_outcome,
    true_outcome, round(0.9 + 0.1 * draw($seed, 'a_score', d, i), 4), enqueued_at + interval 3 second,
    pick($seed, 'a_views', d, i)
from roots
where path = 'automated'
"""
