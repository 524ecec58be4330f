{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- An appeal before its decision is about something else: counted as such, and nowhere else.
with appeals as (
    select
        *,
        case when not is_before_decision then channel || '_' || outcome end as ending,
        -- What nobody took away cannot be given back.
        not is_before_decision
        and is_enforcement_action
        and outcome in ('reversed', 'partially_reversed') as is_reversal,
        row_number() over (
            partition by decision_id, is_within_window, appellant_type order by appealed_at, appeal_id
        ) = 1 as is_first
    from {{ ref('int_appeals') }}
    where {{ in_affected_days(ref('affected_appeal_days')) }}
)

select
    queue_id,
    policy_code,
    market,
    language,
    automation_level,
    count(*) filter (where is_before_decision) as appeals_before_decision,
    count(*) filter (where not is_before_decision) as appeals,
    count(*) filter (where not is_before_decision and outcome is null) as appeals_open,
    count(*) filter (
        where is_first and is_within_window and is_enforcement_action and appellant_type = 'creator'
    ) as appealed_enforcement_actions,
    {%- for channel in ['internal', 'out_of_court'] %}
    {%- for outcome in ['upheld', 'reversed', 'partially_reversed', 'withdrawn', 'omitted'] %}
    count(*) filter (where ending = '{{ channel }}_{{ outcome }}') as {{ channel }}_{{ outcome }},
    {%- endfor %}
    {%- endfor %}
    {%- set endings = [
        ('upheld', "('upheld')"), ('overturned', "('reversed', 'partially_reversed')"),
        ('withdrawn', "('withdrawn')"), ('omitted', "('omitted')"),
    ] %}
    {%- for name, outcomes in endings %}
    count(*) filter (where is_in_cohort and outcome in {{ outcomes }}) as cohort_{{ name }},
    {%- endfor %}
    {#- A creator appeals against what was done to them, a reporter against what was left up. #}
    {%- for appellant, appealed in [('creator', 'is_enforcement_action'), ('reporter', 'is_left_up')] %}
    {%- for name, outcomes in endings %}
    count(*) filter (
        where
        is_first_of_appellant and appellant_type = '{{ appellant }}' and {{ appealed }} and outcome in {{ outcomes }}
    ) as {{ appellant }}_appeals_{{ name }},
    {%- endfor %}
    {%- endfor %}
    {%- for name, outcomes in endings[:2] %}
    count(*) filter (
        where is_in_cohort and is_enforcement_action and outcome in {{ outcomes }}
    ) as cohort_enforcement_actions_{{ name }},
    {%- endfor %}
    count(*) filter (where is_reversal) as reversals,
    count(*) filter (where is_reversal and implemented_at is not null) as reversals_implemented,
    event_on,
    {{ batch() }} as _batch
from appeals
group by queue_id, policy_code, market, language, automation_level, event_on
