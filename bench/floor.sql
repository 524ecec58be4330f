-- The floor: one hand-written DuckDB script that makes the same facts and roll-ups as the project from the same Parquet, in
-- one process, knowing what a general project cannot assume: that every file is here, none will come later, and which files
-- are typed. Variables: landing, seeds. Its tables `except all` the project's are empty (bench/bench.py checks).
set preserve_insertion_order = false;
set TimeZone = 'UTC';

-- Good rows, once per key: only keys that occur twice are ordered.
create table landed_tasks as
select
    * exclude (_landed_at, _source_system, filename),
    cast(enqueued_at as date) as event_on,
    hash(task_id) as key,
    filename as file,
    file_row_number as row_number
from read_parquet(getvariable('landing') || '/moderation/tasks/*/*.parquet', filename = true, file_row_number = true);

create table lost_tasks as
with repeated as (
    select key from landed_tasks group by key having count(*) > 1
), ordered as (
    select file, row_number, lead(1) over (partition by task_id order by file, row_number) as later
    from landed_tasks where key in (select key from repeated)
)
select file, row_number from ordered where later = 1;

create table tasks as
select * exclude (key, file, row_number) from landed_tasks anti join lost_tasks using (file, row_number);
drop table landed_tasks;

create table landed_decisions as
with typed as (
    select * exclude (_landed_at, _source_system), null as fault
    from read_parquet(getvariable('landing') || '/moderation/decisions/*/sample.parquet', filename = true, file_row_number = true)
), texts as (
    select * exclude (_landed_at, _source_system)
    from read_parquet(getvariable('landing') || '/moderation/decisions/*/malformed.parquet', filename = true, file_row_number = true)
), judged as (
    select
        * replace (
            try_cast(model_score as double) as model_score, try_cast(started_at as timestamp) as started_at,
            try_cast(decided_at as timestamp) as decided_at, try_cast(handle_seconds as decimal(18, 3)) as handle_seconds,
            try_cast(enforced_at as timestamp) as enforced_at, try_cast(reversed_at as timestamp) as reversed_at,
            try_cast(views_at_action as bigint) as views_at_action
        ),
        decision_id = '' or try_cast(decided_at as timestamp) is null
            or (handle_seconds is not null and try_cast(handle_seconds as decimal(18, 3)) is null) as fault
    from texts
)
select
    * exclude (filename, file_row_number, fault),
    cast(decided_at as date) as event_on,
    hash(decision_id) as key,
    filename as file,
    file_row_number as row_number
from (from typed union all by name from judged)
where not coalesce(fault, false) and not coalesce(handle_seconds < 0, false) and not coalesce(decided_at < started_at, false);

create table lost_decisions as
with repeated as (
    select key from landed_decisions group by key having count(*) > 1
), ordered as (
    select file, row_number, lead(1) over (partition by decision_id order by file, row_number) as later
    from landed_decisions where key in (select key from repeated)
)
select file, row_number from ordered where later = 1;

-- Reference data, roster and people.
create table queue_versions as
select queue_id, sla_seconds, handle_seconds_cap, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
from read_csv(getvariable('seeds') || '/queues.csv');
create table policy_versions as
select policy_code, cast(policy_version as varchar) as policy_version, valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from read_csv(getvariable('seeds') || '/policies.csv');
create table markets as select market from read_csv(getvariable('seeds') || '/markets.csv');
create table languages as select language from read_csv(getvariable('seeds') || '/languages.csv');
create table roster as
select
    moderator_id, sha256(moderator_id) as person_key, site_id, vendor_id, team_id, valid_from,
    coalesce(lead(valid_from) over (partition by moderator_id order by valid_from) - 1, date '9999-12-31') as valid_to
from read_parquet(getvariable('landing') || '/workforce/moderators/*/*.parquet');

-- What continues a root is of its kind; few tasks do.
create table chains as
select
    c.task_id, c.root_task_id, c.origin, c.close_reason, c.enqueued_at, c.closed_at, r.origin as root_origin,
    r.is_gold as is_root_gold, r.content_duration_seconds as root_seconds,
    r.suspected_policy_code as root_suspected_policy_code
from tasks as c inner join tasks as r on r.task_id = c.root_task_id
where c.root_task_id is not null and r.root_task_id is null;

-- Midnights of sites, as far as the decisions go.
create table site_days as
select site_id, day, timezone('UTC', timezone(time_zone, cast(day as timestamp))) as begins_at,
    timezone('UTC', timezone(time_zone, cast(day + 1 as timestamp))) as ends_at
from read_csv(getvariable('seeds') || '/sites.csv')
cross join (select cast(unnest(generate_series(min(event_on), max(event_on), interval 1 day)) as date) as day
    from landed_decisions);

-- Who took a root up, or what continues it.
create table claims as
select
    coalesce(h.root_task_id, c.task_id) as root_task_id,
    max_by(c.moderator_id, (c.happened_at, coalesce(c.moderator_id, ''), c.task_id)) as moderator_id,
    min(c.happened_at) as first_claimed_at,
    max(c.happened_at) as last_claimed_at
from read_parquet(getvariable('landing') || '/moderation/task_claims/*/*.parquet') as c
left join chains as h on h.task_id = c.task_id
where c.event = 'claimed' and coalesce(h.origin, '') not in ('audit', 'appeal')
group by all;

-- The fact of decisions, but for what only the chains tell.
create table decisions as
select
    d.decision_id, d.task_id, coalesce(t.root_task_id, t.task_id) as root_task_id, d.content_id,
    case when d.automation_level = 'full' then '(automated)' else coalesce(r.person_key, '(unmapped)') end as moderator_key,
    coalesce(q.queue_id, '(unmapped)') as queue_id,
    coalesce(m.market, '(unmapped)') as market,
    coalesce(l.language, '(unmapped)') as language,
    coalesce(d.content_type, '(unmapped)') as content_type,
    case when d.policy_code is null then '(none)' else coalesce(p.policy_code, '(unmapped)') end as policy_code,
    case when coalesce(t.suspected_policy_code, h.root_suspected_policy_code) is null then '(none)'
        else coalesce(s.policy_code, '(unmapped)') end as suspected_policy_code,
    coalesce(d.policy_version, v.policy_version) as policy_version,
    d.automation_level, d.outcome,
    case when t.origin in ('audit', 'appeal') then t.origin else coalesce(h.root_origin, t.origin, '(unmapped)') end
        as origin,
    case when d.automation_level = 'full' then '(automated)' else coalesce(r.site_id, '(unmapped)') end as site_id,
    case when d.automation_level = 'full' then '(automated)' else coalesce(r.vendor_id, '(unmapped)') end as vendor_id,
    case when d.automation_level = 'full' then '(automated)' else coalesce(r.team_id, '(unmapped)') end as team_id,
    d.model_version, d.model_score,
    cast(case when d.handle_seconds > coalesce(k.handle_seconds_cap, 3600) then coalesce(k.handle_seconds_cap, 3600)
        else d.handle_seconds end as decimal(18, 3)) as handle_seconds,
    coalesce(t.content_duration_seconds, h.root_seconds) as content_duration_seconds, d.views_at_action,
    coalesce(t.is_gold, false) or coalesce(h.is_root_gold, false) as is_gold,
    d.automation_level = 'full' as is_automated,
    d.automation_level in ('none', 'partial') and not coalesce(t.is_gold, false) and not coalesce(h.is_root_gold, false)
        and coalesce(t.origin, '') not in ('audit', 'appeal')
        and coalesce(h.root_origin, '') not in ('audit', 'appeal') as is_production,
    d.outcome in ('remove', 'restrict', 'age_restrict', 'label')
        and not coalesce(t.is_gold, false) and not coalesce(h.is_root_gold, false)
        and (d.automation_level = 'full'
            or d.automation_level in ('none', 'partial')
            and coalesce(t.origin, '') not in ('audit', 'appeal')
            and coalesce(h.root_origin, '') not in ('audit', 'appeal')) as is_enforcement_action,
    coalesce(d.handle_seconds > coalesce(k.handle_seconds_cap, 3600), false) as is_handle_time_capped,
    d.policy_code is not null and p.policy_code is null as has_unmapped_policy,
    d.task_id is not null and q.queue_id is null as has_unmapped_queue,
    d.market is not null and m.market is null as has_unmapped_market,
    d.language is not null and l.language is null as has_unmapped_language,
    d.moderator_id is not null and r.moderator_id is null as has_unmapped_moderator,
    d.event_on as decided_on, d.started_at, d.decided_at, d.enforced_at, d.reversed_at
from landed_decisions as d
anti join lost_decisions as x on x.file = d.file and x.row_number = d.row_number
left join tasks as t on t.task_id = d.task_id
left join chains as h on h.task_id = d.task_id
left join queue_versions as k on k.queue_id = t.queue_id and d.event_on between k.valid_from and k.valid_to
left join (select distinct queue_id from queue_versions) as q on q.queue_id = t.queue_id
left join markets as m on m.market = d.market
left join languages as l on l.language = d.language
left join (select distinct policy_code from policy_versions) as p on p.policy_code = d.policy_code
left join (select distinct policy_code from policy_versions) as s
    on s.policy_code = coalesce(t.suspected_policy_code, h.root_suspected_policy_code)
left join roster as r on r.moderator_id = d.moderator_id and d.event_on between r.valid_from and r.valid_to
left join policy_versions as v on v.policy_code = d.policy_code and d.event_on between v.valid_from and v.valid_to
where not coalesce(d.decided_at < t.enqueued_at, false);
drop table landed_decisions;

-- The fact of tasks: each root with its terminal decision. Few roots have several decisions; only those are ordered.
create table several_roots as
select hash(root_task_id) as root_hash from decisions
where root_task_id is not null and (origin not in ('audit', 'appeal') or root_task_id = task_id)
group by root_hash having count(*) > 1;

create table int_tasks as
with chained as (
    select root_task_id, task_id, decision_id, outcome, site_id, vendor_id, is_automated, decided_at, decided_on
    from decisions
    where root_task_id is not null and (origin not in ('audit', 'appeal') or root_task_id = task_id)
), single as (
    select
        *, 1 as touches, cast(outcome = 'skip' as integer) as skips, cast(outcome = 'escalate' as integer) as escalations
    from chained anti join several_roots on hash(root_task_id) = root_hash
), several as (
    select
        *,
        count(*) over of_root as touches,
        count(*) filter (where outcome = 'skip') over of_root as skips,
        count(*) filter (where outcome = 'escalate') over of_root as escalations
    from chained semi join several_roots on hash(root_task_id) = root_hash
    window of_root as (partition by root_task_id)
    qualify row_number() over (
        partition by root_task_id order by outcome not in ('skip', 'escalate') desc, decided_at desc, decision_id desc
    ) = 1
), touches as (
    select * from single union all select * from several
), members as (
    select task_id as root_task_id, task_id, close_reason, enqueued_at, closed_at from tasks
    where root_task_id is null and task_id in (select root_task_id from chains)
    union all
    select root_task_id, task_id, close_reason, enqueued_at, closed_at from chains where origin not in ('audit', 'appeal')
), settled as (
    select
        m.*, h.decided_at,
        lead(m.task_id) over (partition by m.root_task_id order by m.enqueued_at, m.task_id) is not null
            and (h.task_id is not null or max(m.closed_at) over (partition by m.root_task_id) is null) as is_handed_on
    from members as m
    left join (
        select task_id, max(decided_at) filter (where outcome not in ('skip', 'escalate')) as decided_at
        from chained where task_id in (select task_id from members) group by task_id
    ) as h on h.task_id = m.task_id
), left_at as (
    select
        root_task_id,
        bool_or(decided_at is null and closed_at is null and not is_handed_on) as is_waiting,
        max(closed_at) filter (where decided_at is null and not is_handed_on) as undecided_closed_at,
        max(closed_at) as closed_at,
        max_by(close_reason, (closed_at, task_id)) filter (where closed_at is not null) as close_reason
    from settled group by root_task_id
), ended as (
    select
        root_task_id, touches, skips, escalations,
        case when outcome not in ('skip', 'escalate')
            and root_task_id not in (select root_task_id from left_at where is_waiting) then struct_pack(decision_id, outcome, site_id, vendor_id,
            is_automated, decided_at, decided_on) end as terminal
    from touches
), joined as (
    select
        t.task_id, t.content_id, terminal.decision_id as terminal_decision_id,
        coalesce(q.queue_id, '(unmapped)') as queue_id,
        coalesce(m.market, '(unmapped)') as market,
        coalesce(l.language, '(unmapped)') as language,
        coalesce(t.content_type, '(unmapped)') as content_type,
        case when t.suspected_policy_code is null then '(none)' else coalesce(s.policy_code, '(unmapped)') end
            as suspected_policy_code,
        t.origin,
        case when w.root_task_id is null then t.close_reason when not w.is_waiting then w.close_reason end as close_reason,
        terminal.outcome as terminal_outcome,
        coalesce(terminal.site_id, '(unmapped)') as site_id,
        coalesce(terminal.vendor_id, '(unmapped)') as vendor_id,
        case when terminal is not null then coalesce(terminal.site_id, '(unmapped)')
            when k.root_task_id is null then '(unclaimed)' else coalesce(r.site_id, '(unmapped)') end
            as answerable_site_id,
        case when terminal is not null then coalesce(terminal.vendor_id, '(unmapped)')
            when k.root_task_id is null then '(unclaimed)' else coalesce(r.vendor_id, '(unmapped)') end
            as answerable_vendor_id,
        coalesce(c.touches, 0) as touches, coalesce(c.skips, 0) as skips, coalesce(c.escalations, 0) as escalations,
        t.is_gold, coalesce(terminal.is_automated, false) as is_automated, t.enqueued_at,
        coalesce(t.due_at, t.enqueued_at + to_seconds(q.sla_seconds)) as due_at,
        case when w.root_task_id is null then t.closed_at when not w.is_waiting then w.closed_at end as closed_at,
        terminal.decided_at as decided_at,
        case when w.root_task_id is null then coalesce(terminal.decided_at, t.closed_at)
            when not w.is_waiting then greatest(terminal.decided_at, w.undecided_closed_at) end as ended_at,
        coalesce(w.is_waiting, terminal.decided_at is null and t.closed_at is null) as is_open,
        k.first_claimed_at, k.last_claimed_at, t.event_on, terminal.decided_on as decided_on
    from tasks as t
    left join ended as c on c.root_task_id = t.task_id
    left join left_at as w on w.root_task_id = t.task_id
    left join claims as k on k.root_task_id = t.task_id
    left join roster as r on r.moderator_id = k.moderator_id
        and cast(k.last_claimed_at as date) between r.valid_from and r.valid_to
    left join queue_versions as q on q.queue_id = t.queue_id and t.event_on between q.valid_from and q.valid_to
    left join (select distinct policy_code from policy_versions) as s on s.policy_code = t.suspected_policy_code
    left join markets as m on m.market = t.market
    left join languages as l on l.language = t.language
    where t.root_task_id is null
)
select
    *,
    cast(epoch(decided_at) - epoch(enqueued_at) as decimal(18, 3)) as turnaround_seconds,
    not is_gold and origin not in ('audit', 'appeal') and not is_automated as is_production,
    coalesce(close_reason in ('deleted', 'merged') and decided_at is null and closed_at <= due_at, false) as is_withdrawn,
    coalesce(decided_at <= due_at, false) as is_sla_attained,
    coalesce(first_claimed_at <= due_at, false) as is_first_claim_in_time,
    coalesce(last_claimed_at <= due_at, false) as is_last_claim_in_time,
    cast(due_at as date) as due_on
from joined;

create table int_decisions_daily as
select
    queue_id, policy_code, suspected_policy_code, market, language, content_type, d.site_id, vendor_id, automation_level,
    count(*) as decisions,
    count(*) filter (where is_production) as production_decisions,
    count(*) filter (where is_enforcement_action) as enforcement_actions,
    count(*) filter (where is_enforcement_action and is_automated) as automated_enforcement_actions,
    count(*) filter (where is_production and outcome = 'skip') as skips,
    count(*) filter (where is_production and outcome = 'escalate') as escalations,
    count(*) filter (where is_production and handle_seconds is not null and outcome <> 'skip') as handled_decisions,
    count(*) filter (where is_production and is_handle_time_capped) as capped_decisions,
    cast(coalesce(sum(handle_seconds) filter (where is_production), 0) as decimal(28, 3)) as handle_seconds,
    cast(coalesce(sum(handle_seconds) filter (where not is_production and automation_level in ('none', 'partial')), 0)
        as decimal(28, 3)) as other_handle_seconds,
    cast(coalesce(sum(handle_seconds) filter (where is_production and content_duration_seconds is not null), 0)
        as decimal(28, 3)) as timed_content_handle_seconds,
    cast(coalesce(sum(content_duration_seconds) filter (where is_production and handle_seconds is not null), 0)
        as decimal(28, 3)) as content_seconds,
    cast(coalesce(sum(handle_seconds * handle_seconds) filter (where is_production and outcome <> 'skip'), 0)
        as decimal(38, 6)) as squared_handle_seconds,
    bit_or(case when moderator_key not in ('(automated)', '(unmapped)')
        then cast(1 as bigint) << cast(cast(hash(moderator_key) >> 1 as bigint) % 63 as integer) end)
        filter (where is_production and handle_seconds is not null and outcome <> 'skip') as people_bits,
    count(*) filter (where has_unmapped_policy) as unmapped_policies,
    count(*) filter (where has_unmapped_queue) as unmapped_queues,
    count(*) filter (where has_unmapped_market) as unmapped_markets,
    count(*) filter (where has_unmapped_language) as unmapped_languages,
    count(*) filter (where has_unmapped_moderator) as unmapped_moderators,
    decided_on as event_on,
    case when decided_at < s.begins_at then s.day - 1 when decided_at >= s.ends_at then s.day + 1
        else cast(decided_at as date) end as shift_on
from decisions as d left join site_days as s on s.site_id = d.site_id and s.day = cast(d.decided_at as date)
group by all;

create table int_tasks_daily as
select
    queue_id, suspected_policy_code, market, language, answerable_site_id as site_id,
    answerable_vendor_id as vendor_id,
    count(*) as tasks_received,
    count(*) filter (where touches > 0) as tasks_touched,
    count(*) filter (where decided_at is not null) as tasks_decided,
    count(*) filter (where due_at is not null and not is_withdrawn) as tasks_due,
    count(*) filter (where is_sla_attained and not is_withdrawn) as tasks_attained,
    count(*) filter (where due_at is not null and not is_withdrawn) as tasks_due_with_claims,
    count(*) filter (where is_first_claim_in_time and not is_withdrawn) as tasks_first_claimed_in_time,
    count(*) filter (where is_last_claim_in_time and not is_withdrawn) as tasks_last_claimed_in_time,
    count(*) filter (where is_open) as tasks_open,
    count(*) filter (where close_reason = 'expired') as tasks_expired,
    cast(sum(touches) as bigint) as touches,
    event_on, due_on
from int_tasks where is_production group by all;

create table int_turnaround_histogram as
select
    queue_id, market, language, site_id, vendor_id,
    case
        when turnaround_seconds <= 0 then -100000
        else cast(ceil(ln(cast(turnaround_seconds as double)) / ln(1.01 / 0.99)) as integer)
    end as bucket,
    count(*) as row_count, event_on, decided_on
from int_tasks where decided_on is not null and is_production group by all;

-- The key check.
select count(*) as decisions, count(distinct hash(decision_id)) as keys from decisions;
