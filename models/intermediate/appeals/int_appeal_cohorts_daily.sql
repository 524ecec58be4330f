-- Of decisions whose window of appeals is over. Rows of decisions and of appeals stand side by side: sums are what is
-- asked of them.
{%- set counts = [
    'creator_appeals_upheld', 'creator_appeals_overturned', 'reporter_appeals_upheld', 'reporter_appeals_overturned',
    'cohort_enforcement_actions_upheld', 'cohort_enforcement_actions_overturned', 'appealed_enforcement_actions', 'reversals', 'reversals_implemented',
] %}

with rows_of_both as (
    select
        queue_id,
        policy_code,
        market,
        language,
        automation_level,
        enforcement_actions,
        {%- for name in counts %}
        0 as {{ name }},
        {%- endfor %}
        event_on
    from {{ ref('int_decisions_daily') }}
    union all
    select
        queue_id,
        policy_code,
        market,
        language,
        automation_level,
        0 as enforcement_actions,
        {%- for name in counts %}
        {{ name }},
        {%- endfor %}
        event_on
    from {{ ref('int_appeals_daily') }}
)

select rows_of_both.*
from rows_of_both
cross join {{ ref('int_as_of') }} as as_of
where {{ is_window_over('rows_of_both.event_on') }}
