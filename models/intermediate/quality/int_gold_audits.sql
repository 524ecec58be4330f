-- How well auditors see, by items whose answer is known, by the policy group of what was suspected, as of the decision.
select
    coalesce(policies.policy_group, '(none)') as policy_group,
    cast(sum(verdicts.gold_violative_items) as bigint) as violative,
    cast(sum(verdicts.gold_violative_items_found) as bigint) as violative_found,
    cast(sum(verdicts.gold_non_violative_items) as bigint) as non_violative,
    cast(sum(verdicts.gold_non_violative_items_found) as bigint) as non_violative_found
from {{ ref('int_verdicts_daily') }} as verdicts
left join {{ ref('int_policy_versions') }} as policies
    on
        verdicts.suspected_policy_code = policies.policy_code
        and verdicts.event_on between policies.valid_from and policies.valid_to
group by coalesce(policies.policy_group, '(none)')
having sum(verdicts.gold_violative_items + verdicts.gold_non_violative_items) > 0
