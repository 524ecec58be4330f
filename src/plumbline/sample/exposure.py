"""What users saw and said: reports of content, and the views that are drawn to be judged."""

import duckdb

from plumbline.sample import plants

# Of a view; a content of the day has some ten, of which one is drawn here for each hundredth content.
VIEW_PROBABILITY = 0.001


def make_reports_and_views(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add the reports that put content into queues, and a sample of the views of content, to what is pending."""
    connection.execute(_REPORTS)
    connection.execute(_VIEWS, {"seed": seed})


_REPORTS = f"""
insert into pending_user_reports by name
select
    'R' || substr(task_id, 2) || '-' || cast(reporter as varchar) as report_id,
    content_id,
    enqueued_at - to_seconds(60 + 30 * reporter) as reported_at,
    case
        when origin = 'trusted_flagger' then 'trusted_flagger'
        when fate % 12 = 0 then 'article_16'
        else 'guidelines'
    end as notice_type,
    market,
    policy_code as reason,
    day as landed_on,
    'plain' as fate
from (
    -- In the incident each piece is reported by three.
    select *, unnest(case when d between {plants.INCIDENT} and {plants.INCIDENT_ENDS} and policy_code = 'scams'
        and market = 'US' then [0, 1, 2] else [0] end) as reporter
    from roots
    where origin in ('user_report', 'trusted_flagger')
)
"""

_VIEWS = f"""
insert into pending_view_samples by name
select
    'V' || substr(task_id, 2) as sample_id, content_id, day as viewed_on, market,
    cast({VIEW_PROBABILITY} as double) as inclusion_probability,
    true_outcome <> 'no_violation' as is_violative,
    case when true_outcome <> 'no_violation' then policy_code end as policy_code,
    -- Judged by the end of the week.
    cast(date_trunc('week', day) as date) + 7 as landed_on,
    'plain' as fate
from roots
where draw($seed, 'view', d, i) < 0.01
"""
