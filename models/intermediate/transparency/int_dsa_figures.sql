-- Over 120 lines: the figures of one form, each a line of a list, in the order of the form.
{{ config(materialized='table') }}

-- The tables of the harmonised template (Implementing Regulation (EU) 2024/2835) that the landing contract can fill, by
-- half-year, in the words of the reports that services publish, so that one's own stand beside others'. What it cannot
-- fill, or of which nothing landed for a half-year, has a row that says why. Figures by market are of Member States
-- only, and their total is the sum of those.
{%- set states = '(' ~ literals(member_states()) ~ ')' %}
{%- set automated = 'Use of automated means for content moderation' %}
{%- set not_provided = [
    ("Orders of Member States", "Median time to give effect, by information sought",
        "the contract has no kind of information sought"),
    ("Notices", "Number of actions taken on notices", "the contract does not tie a notice to what became of it"),
    ("Notices", "Median time to take action on a notice", "the contract does not tie a notice to what became of it"),
    (automated, "Number of notices solely processed by automated means",
        "the contract does not tie a notice to what became of it"),
    (automated, "Number of notices not processed by automated means",
        "the contract does not tie a notice to what became of it"),
    ("Internal complaints mechanism",
        "Complaint regarding a decision not to take action on a notice submitted in accordance with Article 16",
        "an appeal does not say which notice it is about"),
    ("Internal complaints mechanism",
        "Complaint regarding a decision to restrict the ability to monetise information",
        "decisions have no monetary restriction"),
    ("Internal complaints mechanism", "Complaint regarding a decision to suspend or terminate an account",
        "decisions have no restriction of accounts"),
    ("Internal complaints mechanism",
        "Complaint regarding a decision to suspend or terminate the provision of the service",
        "decisions have no restriction of the service"),
    ("Internal complaints mechanism",
        "Complaint regarding a decision not to take action on a notice submitted by a Trusted Flagger "
        ~ "in accordance with Article 16",
        "an appeal does not say which notice it is about"),
    ("Suspensions imposed on repeated offenders",
        "Number of suspensions enacted for the provision of manifestly illegal content",
        "the contract has no suspensions of people"),
    ("Suspensions imposed on repeated offenders",
        "Number of suspensions enacted for the provision of manifestly unfounded notices",
        "the contract has no suspensions of people"),
    ("Suspensions imposed on repeated offenders",
        "Number of suspensions enacted for the provision of manifestly unfounded complaints",
        "the contract has no suspensions of people"),
] %}

{#- What an appeal came to, nobody knows before its window is over. #}
{%- set window = var('appeal_window_days') %}
{%- set figures = [] %}
{%- for indicator, condition in [
    ("'Number of orders to act against illegal content'", "kind = 'act'"),
    ("'Number of orders to provide information'", "kind = 'inform'"),
    ("'Number of orders: ' || kind", "kind not in ('act', 'inform')"),
] %}
{%- do figures.append(transparency_figure('orders', 'Orders of Member States', indicator, 'count(*)', 'orders',
    scopes={'total': "'total'", 'member_state': 'member_state', 'category': 'category'}, where=condition)) %}
{%- endfor %}
{%- for indicator, hours in [
    ('Median time to inform the authority of receipt', 'hours_to_acknowledge'),
    ('Median time to give effect to the order', 'hours_to_effect'),
] %}
{%- do figures.append(transparency_figure('orders', 'Orders of Member States', literal(indicator),
    'median(' ~ hours ~ ')', 'hours')) %}
{%- endfor %}

{%- for indicator, notice_type in [
    ('Number of notices submitted in accordance with Article 16', 'article_16'),
    ('Number of notices submitted by Trusted Flaggers', 'trusted_flagger'),
] %}
{%- do figures.append(transparency_figure('notices', 'Notices', literal(indicator), 'sum(reports)', 'notices',
    where='notice_type = ' ~ literal(notice_type))) %}
{%- endfor %}
{%- do figures.append(transparency_figure('measures', 'Notices',
    "'Number of measures taken after notices and other reports'", 'sum(statements)', 'measures',
    where="source_type <> 'SOURCE_VOLUNTARY'")) %}

{%- for indicator, counted, condition in [
    ('Number of measures taken at own initiative', 'statements', ''),
    ('Number of measures after automated detection', 'statements', ' and is_detected_automatically'),
    ('Number of restrictions of visibility', 'visibility_restrictions', ''),
    ('Number of monetary restrictions', 'monetary_restrictions', ''),
    ('Number of restrictions of the service', 'service_restrictions', ''),
    ('Number of restrictions of accounts', 'account_restrictions', ''),
] %}
{%- do figures.append(transparency_figure('measures', 'Own-initiative content moderation', literal(indicator),
    'sum(' ~ counted ~ ')', 'measures', scopes={'total': "'total'", 'category': 'category', 'ground': 'ground'},
    where="source_type = 'SOURCE_VOLUNTARY'" ~ condition)) %}
{%- endfor %}

{%- for channel, section, indicator, condition in [
    ('internal', 'Internal complaints mechanism', 'Number of complaints submitted to the internal-complaints mechanism',
        ''),
    ('internal', 'Internal complaints mechanism',
        'Complaint regarding a decision to remove or disable access to or restrict visibility of information',
        ' and ' ~ is_violative('decided_outcome')),
    ('out_of_court', 'Out-of-court dispute settlement bodies',
        'Number of disputes submitted to out-of-court dispute settlement bodies', ''),
] %}
{%- set of_channel = 'channel = ' ~ literal(channel) ~ condition %}
{%- do figures.append(transparency_figure('complaints', section, literal(indicator), 'count(*)', 'complaints',
    where=of_channel, settles_after=window)) %}
{%- for part, outcome in [
    ('Decisions upheld', 'upheld'), ('Decisions reversed', 'reversed'),
    ('Decisions partially reversed', 'partially_reversed'), ('Decision omitted', 'omitted'),
] %}
{%- do figures.append(transparency_figure('complaints', section, literal(indicator), 'count(*)', 'complaints',
    scopes={'category': literal(part)}, where=of_channel ~ ' and outcome = ' ~ literal(outcome), settles_after=window)) %}
{%- endfor %}
{%- do figures.append(transparency_figure('complaints', section, literal(indicator),
    'median(cast(resolution_seconds as double)) / 86400', 'days', scopes={'category': "'Median time'"},
    where=of_channel, settles_after=window)) %}
{%- if channel == 'out_of_court' %}
{%- do figures.append(transparency_figure('complaints', section, literal(indicator),
    'cast(count(implemented_at) as double) / count(*)', 'share',
    scopes={'category': "'Percentage of outcomes implemented'"},
    where=of_channel ~ " and outcome in ('reversed', 'partially_reversed')", settles_after=window)) %}
{%- endif %}
{%- endfor %}

{%- do figures.append(transparency_figure('complaints', 'Internal complaints mechanism',
    "'Number of restrictions newly imposed as a result of an internal complaint'", 'count(*)', 'measures',
    where="channel = 'internal' and decided_outcome = 'no_violation'"
    ~ " and outcome in ('reversed', 'partially_reversed')", settles_after=window)) %}

{%- for indicator, figure, unit, settles_after in [
    ('Number of measures solely taken by automated means', 'sum(automated_enforcement_actions)', 'measures', 0),
    ('Number of measures not taken by automated means', 'sum(enforcement_actions) - sum(automated_enforcement_actions)', 'measures',
        0),
    ('Accuracy of the automated means - Accuracy',
        'cast(sum(automation_confirmed) as double) / nullif(sum(enforcement_actions_judged_by_appeal), 0)', 'share', window),
    ('Accuracy of the automated means - Precision',
        'cast(sum(automation_upheld) as double) / nullif(sum(automation_appealed), 0)', 'share', window),
    ('Accuracy of the automated means - Recall',
        'cast(sum(automation_upheld) as double) / nullif(sum(enforcement_actions_upheld), 0)', 'share', window),
] %}
{%- do figures.append(transparency_figure('machine_days', automated, literal(indicator), figure, unit,
    scopes={'total': "'total'", 'member_state': 'market'}, settles_after=settles_after)) %}
{%- endfor %}

{%- set people = 'Human resources dedicated to content moderation' %}
{%- for indicator, condition in [
    ('Number of internal moderators employed by the provider', 'is_internal'),
    ('Number of external moderators contracted by the provider', 'not is_internal'),
] %}
{%- do figures.append(transparency_figure('moderators', people, literal(indicator), 'count(*)', 'people',
    where=condition)) %}
{%- endfor %}
{%- do figures.append(transparency_figure('spoken', people,
    "'Number of total moderators with sufficient linguistic expertise'", 'count(distinct moderator_id)', 'people',
    scopes={'language': 'language'})) %}

{%- do figures.append(transparency_figure('recipients', 'Average monthly active recipients',
    "'Average monthly active recipients: ' || service", 'avg(cast(recipients as double))', 'recipients',
    scopes={'total': "'total'"}, where="scope = 'total'")) %}
{%- do figures.append(transparency_figure('recipients', 'Average monthly active recipients',
    "'Average monthly active recipients: ' || service", 'avg(cast(recipients as double))', 'recipients',
    scopes={'member_state': 'scope'}, where="scope <> 'total'")) %}

with orders as (
    select
        *,
        {{ seconds_between('received_at', 'acknowledged_at') }} / 3600 as hours_to_acknowledge,
        {{ seconds_between('received_at', 'effected_at') }} / 3600 as hours_to_effect,
        {{ half_year_start('event_on') }} as period_start
    from {{ ref('stg_transparency__authority_orders') }}
),

notices as (
    select
        *,
        {{ half_year_start('event_on') }} as period_start
    from {{ ref('int_user_reports_daily') }}
    where market in {{ states }}
),

measures as (
    select
        *,
        case decision_ground
            when 'DECISION_GROUND_ILLEGAL_CONTENT' then 'illegal content'
            when 'DECISION_GROUND_INCOMPATIBLE_CONTENT' then 'terms and conditions'
            else decision_ground
        end as ground,
        {{ half_year_start('event_on') }} as period_start
    from {{ ref('int_statements_daily') }}
),

complaints as (
    select
        *,
        {{ half_year_start('appealed_on') }} as period_start
    from {{ ref('int_appeals') }}
    where market in {{ states }} and not is_before_decision
),

-- By day and market, and of Member States only.
machine_days as (
    {% for group in ['efficiency', 'appeals'] -%}
    select
        slice as market,
        {%- if group == 'efficiency' %}
        enforcement_actions,
        automated_enforcement_actions,
        {%- else %}
        automation_confirmed,
        automation_upheld,
        automation_appealed,
        enforcement_actions_upheld,
        enforcement_actions_judged_by_appeal,
        {%- endif %}
        {{ half_year_start('reporting_on') }} as period_start
    from {{ ref('int_' ~ group ~ '_slices') }}
    where scope_type = 'all' and slice_type = 'market' and slice in {{ states }}
    {{ 'union all by name' if not loop.last }}
    {% endfor %}
),

-- Who is on the roster on the last day of a period, or of what is known of it.
ends as (
    select
        {{ half_year_start('calendar.day') }} as period_start,
        max(calendar.day) as last_day
    from (
        select cast({{ days_between('first_day', 'last_day - 1') }} as date) as day from {{ ref('int_calendar') }}
    ) as calendar
    group by {{ half_year_start('calendar.day') }}
),

moderators as (
    select
        roster.moderator_id,
        roster.languages,
        vendors.sourcing = 'in_house' as is_internal,
        ends.period_start
    from ends
    inner join {{ ref('int_roster') }} as roster
        on
            roster.role = 'moderator'
            and ends.last_day between roster.valid_from and roster.valid_to
            and ends.last_day between roster.hired_on and coalesce(roster.left_on, {{ forever() }})
    left join {{ ref('vendors') }} as vendors on roster.vendor_id = vendors.vendor_id
),

spoken as (
    select
        moderator_id,
        trim({{ each_of('languages') }}) as language,
        period_start
    from moderators
),

recipients as (
    select
        service,
        scope,
        recipients,
        {{ half_year_start('period_start') }} as period_start
    from {{ ref('stg_transparency__monthly_recipients') }}
    where service in ({{ literals(var('own_services')) }})
),

provided as (
    select * from (
        {{ figures | map(attribute='sql') | join('\n    union all\n') }}
    ) as found
    where figure is not null
),

missing as (
    {% for section, indicator, reason in not_provided -%}
    select
        '{{ section }}' as section,
        '{{ indicator }}' as indicator,
        '{{ reason }}' as reason
    {{ 'union all' if not loop.last }}
    {% endfor %}
    -- Other kinds of orders, and whose recipients are counted, are known once they have landed.
    {%- for figure in figures | unique(attribute='indicator') if modules.re.fullmatch("'[^']*'", figure.indicator) %}
    union all
    select
        '{{ figure.section }}' as section,
        {{ figure.indicator }} as indicator,
        'nothing that it is made of landed for this half-year' as reason
    {%- endfor %}
)

select
    section,
    indicator,
    scope_kind,
    scope,
    figure,
    unit,
    cast(null as varchar) as reason,
    settles_after_days,
    period_start
from provided
union all
select
    missing.section,
    missing.indicator,
    'total',
    'total',
    null,
    null,
    missing.reason,
    0,
    ends.period_start
from missing
cross join ends
anti join provided
    on
        missing.section = provided.section
        and missing.indicator = provided.indicator
        and ends.period_start = provided.period_start
