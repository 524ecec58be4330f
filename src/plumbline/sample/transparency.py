"""What a platform owes the public under the DSA: statements of reasons, orders, recipients, its published report."""

import datetime as dt

import duckdb

MEMBER_STATES = ("DE", "ES", "FR")

# By policy, as in seeds/reference/policies.csv; the others break the terms and no law.
CATEGORIES = {
    "harassment": "CYBER_VIOLENCE",
    "hate_speech": "ILLEGAL_OR_HARMFUL_SPEECH",
    "minor_safety": "PROTECTION_OF_MINORS",
    "misinformation": "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
    "scams": "SCAMS_AND_FRAUD",
    "self_harm": "SELF_HARM",
    "violence": "VIOLENCE",
}
_VISIBILITY = {
    "remove": "CONTENT_REMOVED",
    "restrict": "CONTENT_DEMOTED",
    "age_restrict": "CONTENT_AGE_RESTRICTED",
    "label": "CONTENT_LABELLED",
}


def _case(column: str, values: dict[str, str], otherwise: str) -> str:
    return (
        f"case {column} " + " ".join(f"when '{k}' then '{v}'" for k, v in values.items()) + f" else '{otherwise}' end"
    )


def make_statements(connection: duckdb.DuckDBPyConnection) -> None:
    """Add a statement of reasons for each measure of the days in the European Union to what is pending."""
    connection.execute(_STATEMENTS)


_STATEMENTS = f"""
insert into pending_statements_of_reasons by name
with measures as (
    select
        'D' || substr(step_task_id, 2) as decision_id, outcome, decided_policy_code as policy_code, content_type,
        language, market, day, finished_at as decided_at, origin,
        'AUTOMATED_DECISION_NOT_AUTOMATED' as automated_decision
    from steps
    where not is_undecided and outcome not in ('skip', 'escalate', 'no_violation') and not is_gold
    union all
    select decision_id, outcome, policy_code, content_type, language, market, day, decided_at, 'proactive_model',
        'AUTOMATED_DECISION_FULLY'
    from automated
    where outcome <> 'no_violation'
), hashed as (
    select *, md5(decision_id) as digest from measures where market in {MEMBER_STATES}
)
select
    substr(digest, 1, 8) || '-' || substr(digest, 9, 4) || '-4' || substr(digest, 14, 3)
        || '-a' || substr(digest, 18, 3) || '-' || substr(digest, 21, 12) as uuid,
    '["DECISION_VISIBILITY_' || {_case("outcome", _VISIBILITY, "OTHER")} || '"]' as decision_visibility,
    'DECISION_GROUND_INCOMPATIBLE_CONTENT' as decision_ground,
    'Community guidelines: ' || policy_code as incompatible_content_ground,
    'The content breaks the rule on ' || policy_code || '.' as incompatible_content_explanation,
    'No' as incompatible_content_illegal,
    'STATEMENT_CATEGORY_' || {_case("policy_code", CATEGORIES, "OTHER_VIOLATION_TC")} as category,
    '["CONTENT_TYPE_' || case content_type when 'video' then 'VIDEO' when 'image' then 'IMAGE' when 'text' then 'TEXT'
        else 'OTHER' end || '"]' as content_type,
    case when content_type in ('live', 'account') then content_type end as content_type_other,
    upper(language) as content_language,
    day as content_date,
    '["' || market || '"]' as territorial_scope,
    cast(decided_at as date) as application_date,
    'Found by ' || replace(origin, '_', ' ') || '.' as decision_facts,
    case origin
        when 'trusted_flagger' then 'SOURCE_TRUSTED_FLAGGER'
        when 'user_report' then 'SOURCE_TYPE_OTHER_NOTIFICATION'
        else 'SOURCE_VOLUNTARY' end as source_type,
    case when origin = 'proactive_model' then 'Yes' else 'No' end as automated_detection,
    automated_decision,
    'Plumbline sample' as platform_name,
    decision_id as platform_uid,
    decided_at + interval 1 hour as created_at,
    cast(decided_at + interval 1 hour as date) as landed_on,
    'plain' as fate
from hashed
"""


def make_orders(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add a few orders of authorities a day to what is pending."""
    connection.execute(_ORDERS, {"seed": seed, "states": list(MEMBER_STATES)})


_ORDERS = """
insert into pending_authority_orders by name
select
    strftime(day, 'O%y%m%d-') || cast(i as varchar) as order_id,
    $states[1 + pick($seed, 'order_state', d, i) % len($states)] as member_state,
    case when pick($seed, 'order_kind', d, i) % 3 = 0 then 'inform' else 'act' end as kind,
    ['illegal_speech', 'scams', 'protection_of_minors'][1 + pick($seed, 'order_category', d, i) % 3] as category,
    cast(day as timestamp) + to_seconds(28800 + pick($seed, 'order_at', d, i) % 30000) as received_at,
    received_at + to_seconds(600 + pick($seed, 'order_seen', d, i) % 7200) as acknowledged_at,
    received_at + to_seconds(7800 + pick($seed, 'order_done', d, i) % 90000) as effected_at,
    cast(date_trunc('week', effected_at) as date) + 7 as landed_on,
    'plain' as fate
from (select day, d, unnest(range(2)) as i from day_load)
"""


def make_publications(connection: duckdb.DuckDBPyConnection, *, first: dt.date, last: dt.date) -> None:
    """Add the recipients of each month and the published figures of each period begun by `last` to what is pending."""
    connection.execute(_RECIPIENTS, {"first": first, "last": last, "states": list(MEMBER_STATES)})
    connection.execute(_DSA_REPORTS, {"first": first, "last": last, "states": list(MEMBER_STATES)})
    connection.execute(_CGER, {"first": first, "last": last})


_RECIPIENTS = """
insert into pending_monthly_recipients by name
select
    'Plumbline sample' as service, scope, cast(month as date) as period_start,
    case scope when 'total' then 41000000 when 'DE' then 18000000 when 'FR' then 13000000 else 10000000 end
        as recipients,
    cast(month as date) as landed_on, 'plain' as fate
from generate_series(
    cast(date_trunc('month', $first) as timestamp), cast($last as timestamp), interval 1 month
) as m(month)
cross join (select unnest(list_prepend('total', $states)) as scope)
where month >= $first
"""

# A report as services publish it: a total, and by Member State; each accuracy is one less its rate of error.
_DSA_REPORTS = """
insert into pending_dsa_reports by name
with figures as (
    select 'total' as scope, 0.956 as accuracy, 0.044 as error, 1 as line union all
    select unnest($states), 0.95, 0.05, 2
)
select
    'Plumbline sample' as service, cast(half as date) as period_start, 'automated_means' as section, indicator,
    case when scope = 'total' then 'total' else 'member_state' end as scope_kind, scope,
    cast(null as varchar) as surface,
    cast(row_number() over (partition by half order by scope, indicator) as bigint) as line_number,
    case indicator when 'accuracy' then accuracy else error end as value,
    cast(half as date) as landed_on, 'plain' as fate
from figures
cross join (select unnest(['accuracy', 'error_rate']) as indicator)
cross join generate_series(cast($first as timestamp), cast($last as timestamp), interval 6 month) as h(half)
"""

_CGER = """
insert into pending_cger by name
select
    'sample' as vintage, metric, 'Quarter' as period_type,
    strftime(quarter, 'Q') || cast(quarter(quarter) as varchar) || strftime(quarter, ' %Y') as period,
    'all' as policy_type, 'all' as issue_policy, 'all' as task_type, 'all' as task, 'all' as location, 'all' as market,
    case metric when 'Total videos removed' then 1000000 else 0.97 end as result,
    cast(row_number() over (order by quarter, metric) as bigint) as line_number,
    cast(quarter as date) as landed_on, 'plain' as fate
from generate_series(cast($first as timestamp), cast($last as timestamp), interval 3 month) as q(quarter)
cross join (select unnest(['Total videos removed', 'Proactive removal rate']) as metric)
"""
