select
    policy_code,
    market,
    count(*) as contents_removed,
    count(*) filter (where is_proactive) as proactive_removals,
    count(is_before_any_view) as removals_with_known_views,
    count(*) filter (where is_before_any_view) as removals_before_any_view,
    count(is_within_a_day) as removals_with_known_age,
    count(*) filter (where is_within_a_day) as removals_within_24h,
    event_on
from {{ ref('int_content_removals') }}
group by policy_code, market, event_on
