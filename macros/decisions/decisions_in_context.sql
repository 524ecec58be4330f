{# Good decisions with what a reader needs to know of them: their task, who took them and where, the policy in force, and
   codes that nobody lists as `(unmapped)`. `decisions` is a common table expression or relation with the columns of
   stg_moderation__decisions: all of them make int_decisions; a model that needs few gives those few, because no join
   below can be entered by a filter on what comes after it. With `keyed`, each row also has the key of its moderator, and can
   be read only with the file of people. #}
{% macro decisions_in_context(decisions, keyed=false) %}
{%- set suspected = 'coalesce(tasks.suspected_policy_code, chains.root_suspected_policy_code)' %}
with tasks as (
    select * from {{ ref('stg_moderation__tasks') }}
),

-- What continues a root is of its kind: gold is gold however often it is requeued. Few tasks do.
chains as (
    select * from {{ ref('int_task_chains') }}
),

{% if keyed -%}
people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
),

{% endif -%}
roster as (
    select * from {{ ref('int_roster') }}
),

policy_versions as (
    select * from {{ ref('int_policy_versions') }}
),

policies as (
    select distinct policy_code from policy_versions
),

queue_versions as (
    select * from {{ ref('int_queue_versions') }}
),

queues as (
    select distinct queue_id from queue_versions
),

markets as (
    select market from {{ ref('markets') }}
),

languages as (
    select language from {{ ref('languages') }}
),

joined as (
    select
        decisions.decision_id,
        decisions.task_id,
        coalesce(tasks.root_task_id, tasks.task_id) as root_task_id,
        decisions.content_id,
        {%- if keyed %}
        people.person_key as moderator_key,
        {%- endif %}
        coalesce(queues.queue_id, '(unmapped)') as queue_id,
        coalesce(markets.market, '(unmapped)') as market,
        coalesce(languages.language, '(unmapped)') as language,
        coalesce(decisions.content_type, '(unmapped)') as content_type,
        {{ known_policy('decisions.policy_code', 'policies') }} as policy_code,
        {{ known_policy(suspected, 'suspected_policies') }} as suspected_policy_code,
        coalesce(decisions.policy_version, in_force.policy_version) as policy_version,
        decisions.policy_code as named_policy_code,
        decisions.automation_level,
        decisions.outcome,
        -- Work that audits or answers an appeal is that, whatever it continues.
        case
            when tasks.origin in ('audit', 'appeal') then tasks.origin
            else coalesce(chains.root_origin, tasks.origin, '(unmapped)')
        end as origin,
        {{ place_of_decision('site_id') }},
        {{ place_of_decision('vendor_id') }},
        {{ place_of_decision('team_id') }},
        decisions.model_version,
        decisions.model_score,
        -- least() would pass over a null and give the cap.
        case
            when decisions.handle_seconds > {{ handle_seconds_cap() }} then {{ handle_seconds_cap() }}
            else decisions.handle_seconds
        end as handle_seconds,
        coalesce(tasks.content_duration_seconds, chains.root_content_duration_seconds) as content_duration_seconds,
        decisions.views_at_action,
        coalesce(tasks.is_gold, false) or coalesce(chains.is_root_gold, false) as is_gold,
        decisions.automation_level = 'full' as is_automated,
        coalesce(decisions.handle_seconds > {{ handle_seconds_cap() }}, false) as is_handle_time_capped,
        decisions.policy_code is not null and policies.policy_code is null as has_unmapped_policy,
        decisions.task_id is not null and queues.queue_id is null as has_unmapped_queue,
        decisions.market is not null and markets.market is null as has_unmapped_market,
        decisions.language is not null and languages.language is null as has_unmapped_language,
        decisions.moderator_id is not null and placed.moderator_id is null as has_unmapped_moderator,
        case when chains.is_root_gold then chains.root_gold_outcome else tasks.gold_outcome end as gold_outcome,
        coalesce(tasks.content_created_at, chains.root_content_created_at) as content_created_at,
        decisions.started_at,
        decisions.decided_at,
        decisions.enforced_at,
        decisions.reversed_at,
        decisions.event_on
    from {{ decisions }} as decisions
    left join tasks on decisions.task_id = tasks.task_id
    left join chains on decisions.task_id = chains.task_id
    {%- if keyed %}
    left join people on decisions.moderator_id = people.person_id
    {%- endif %}
    left join queues on tasks.queue_id = queues.queue_id
    left join markets on decisions.market = markets.market
    left join languages on decisions.language = languages.language
    left join policies on decisions.policy_code = policies.policy_code
    left join policies as suspected_policies on {{ suspected }} = suspected_policies.policy_code
    {{ as_of_join('roster', 'placed', 'decisions.moderator_id = placed.moderator_id', 'decisions.event_on') }}
    {{ as_of_join('queue_versions', 'queue_in_force', 'tasks.queue_id = queue_in_force.queue_id', 'decisions.event_on') }}
    {{ as_of_join(
        'policy_versions', 'in_force', 'decisions.policy_code = in_force.policy_code', 'decisions.event_on'
    ) }}
),

produced as (
    select
        *,
        automation_level in ('none', 'partial') and not is_gold and origin not in ('audit', 'appeal') as is_production
    from joined
),

final as (
    select
        *,
        -- A decision on a gold item, or a review for an audit or an appeal, is no enforcement action of its own.
        {{ is_violative('outcome') }} and {{ acts_on_content() }} as is_enforcement_action
    from produced
)

select * from final
{% endmacro %}

{# What handling time is cut to: by the queue's version in force, else by the variable. #}
{% macro handle_seconds_cap() -%}
cast(coalesce(queue_in_force.handle_seconds_cap, {{ var('handle_seconds_cap') }}) as decimal(18, 3))
{%- endmacro %}

{# Where a decision was taken; expects `decisions` and, from the roster as of its day, `placed`. #}
{% macro place_of_decision(column, alias=column) -%}
case
            when decisions.automation_level = 'full' then '(automated)' else coalesce(placed.{{ column }}, '(unmapped)')
        end{{ ' as ' ~ alias if alias }}
{%- endmacro %}

{# A policy code as it is where the seed has it, which `known` is joined to; a code that is not given is no unknown one. #}
{% macro known_policy(given, known) -%}
case when {{ given }} is null then '(none)' else coalesce({{ known }}.policy_code, '(unmapped)') end
{%- endmacro %}
