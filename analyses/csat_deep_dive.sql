-- Question: whose tickets about decisions make people unhappy, and do audits of the same decisions see it?
--
-- dbt compile --select csat_deep_dive --vars '{csat_from: 2026-05-01, csat_to: 2026-07-31}'
--   csat_minimum_answers (30)    fewer answers than these have no row
--
-- Reading: by policy suspected and market, the least satisfied first. Where CSAT is low and `audit_accuracy` is high,
-- auditors and moderators may share a wrong idea of the policy: look at `appeal_overturn_rate`, which is decided by
-- others.
-- Limits: of the instrument that the variable `csat_instrument` names only; not all answer, and not at random
-- (`response_rate`); a ticket about several decisions counts once under each;
-- appeals of the last thirty days may still come.
{%- set first_day = "date '" ~ var('csat_from', '2026-05-01') ~ "'" %}
{%- set last_day = "date '" ~ var('csat_to', '2026-07-31') ~ "'" %}

with about as (
    select
        asked.is_answered,
        asked.is_satisfied,
        decisions.suspected_policy_code,
        decisions.market
    from {{ ref('int_satisfaction_requests') }} as asked
    inner join {{ ref('stg_support__ticket_links') }} as links on asked.ticket_id = links.ticket_id
    inner join {{ ref('fct_decisions') }} as decisions on links.decision_id = decisions.decision_id
    where asked.is_headline and asked.event_on between {{ first_day }} and {{ last_day }}
),

answers as (
    select
        suspected_policy_code,
        market,
        count(*) as asked,
        count(*) filter (where is_answered) as answered,
        count(*) filter (where is_satisfied) as satisfied
    from about
    group by suspected_policy_code, market
),

audits as (
    select
        suspected_policy_code,
        market,
        count(*) as audits,
        cast(sum(case when final_cell in ('true_positive', 'true_negative') then weight end) as double)
        / nullif(cast(sum(weight) as double), 0) as audit_accuracy
    from {{ ref('fct_verdicts') }}
    where
        decided_on between {{ first_day }} and {{ last_day }}
        and sample_design <> 'targeted'
        and final_cell is not null
        and is_production
    group by suspected_policy_code, market
),

-- As the metric counts: each enforcement action by its creator's first internal appeal within the window.
appeals as (
    select
        decisions.suspected_policy_code,
        decisions.market,
        count(*) as appeals_decided,
        cast(count(*) filter (where appealed.outcome <> 'upheld') as double) / count(*) as appeal_overturn_rate
    from {{ ref('fct_appeals') }} as appealed
    inner join {{ ref('fct_decisions') }} as decisions on appealed.decision_id = decisions.decision_id
    where
        appealed.decided_on between {{ first_day }} and {{ last_day }}
        and appealed.is_first_of_appellant
        and appealed.appellant_type = 'creator'
        and appealed.is_enforcement_action
        and appealed.outcome in ('upheld', 'reversed', 'partially_reversed')
    group by decisions.suspected_policy_code, decisions.market
)

select
    answers.suspected_policy_code,
    answers.market,
    answers.answered,
    cast(answers.satisfied as double) / answers.answered as csat,
    cast(answers.answered as double) / answers.asked as response_rate,
    audits.audits,
    audits.audit_accuracy,
    appeals.appeals_decided,
    appeals.appeal_overturn_rate
from answers
left join audits
    on answers.suspected_policy_code = audits.suspected_policy_code and answers.market = audits.market
left join appeals
    on answers.suspected_policy_code = appeals.suspected_policy_code and answers.market = appeals.market
where answers.answered >= {{ var('csat_minimum_answers', 30) }}
order by csat, answers.suspected_policy_code, answers.market
