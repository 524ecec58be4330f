{{ config(materialized='table') }}

-- The tables of the harmonised template (Implementing Regulation (EU) 2024/2835) that the landing contract can fill, by
-- half-year, in the words of the reports that services publish, so that one's own stand beside others'. What it cannot
-- fill has a row that says why. Figures by market are of Member States only, and their total is the sum of those.
{%- set states = '(' ~ literals(member_states()) ~ ')' %}
{%- set complaints = [
    ('internal', 'Internal complaints mechanism', 'Number of complaints submitted to the internal-complaints mechanism'),
    ('out_of_court', 'Out-of-court dispute settlement bodies',
        'Number of disputes submitted to out-of-court dispute settlement bodies'),
] %}
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

with orders as (
    select
        *,
        case kind
            when 'act' then 'Number of orders to act against illegal content'
            when 'inform' then 'Number of orders to provide information'
            else 'Number of orders: ' || kind
        end as indicator,
        {{ seconds_between('received_at', 'acknowledged_at') }} / 3600 as hours_to_acknowledge,
        {{ seconds_between('received_at', 'effected_at') }} / 3600 as hours_to_effect,
        {{ half_year_start('event_on') }} as period_start
    from {{ ref('stg_transparency__authority_orders') }}
),

order_figures as (
    {% for scope_kind, scope in [('total', "'total'"), ('member_state', 'member_state'), ('category', 'category')] -%}
    select
        'Orders of Member States' as section,
        indicator,
        '{{ scope_kind }}' as scope_kind,
        {{ scope }} as scope,
        cast(count(*) as double) as figure,
        'orders' as unit,
        period_start
    from orders
    group by indicator, {{ scope ~ ', ' if scope_kind != 'total' }}period_start
    union all
    {% endfor -%}
    {% for indicator, hours in [
        ('Median time to inform the authority of receipt', 'hours_to_acknowledge'),
        ('Median time to give effect to the order', 'hours_to_effect'),
    ] -%}
    select
        'Orders of Member States',
        '{{ indicator }}',
        'total',
        'total',
        median({{ hours }}),
        'hours',
        period_start
    from orders
    group by period_start
    having count({{ hours }}) > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

notice_figures as (
    select
        'Notices' as section,
        case notice_type
            when 'article_16' then 'Number of notices submitted in accordance with Article 16'
            else 'Number of notices submitted by Trusted Flaggers'
        end as indicator,
        'total' as scope_kind,
        'total' as scope,
        cast(sum(reports) as double) as figure,
        'notices' as unit,
        {{ half_year_start('event_on') }} as period_start
    from {{ ref('int_user_reports_daily') }}
    where notice_type in ('article_16', 'trusted_flagger') and market in {{ states }}
    group by notice_type, {{ half_year_start('event_on') }}
    union all
    select
        'Notices',
        'Number of measures taken after notices and other reports',
        'total',
        'total',
        cast(sum(statements) as double),
        'measures',
        {{ half_year_start('event_on') }}
    from {{ ref('int_statements_daily') }}
    where source_type <> 'SOURCE_VOLUNTARY'
    group by {{ half_year_start('event_on') }}
),

statements as (
    select
        *,
        {{ half_year_start('event_on') }} as period_start
    from {{ ref('int_statements_daily') }}
),

own_initiative as (
    {% for indicator, expression, condition in [
        ('Number of measures taken at own initiative', 'statements', 'true'),
        ('Number of measures after automated detection', 'statements', 'is_detected_automatically'),
        ('Number of restrictions of visibility', 'visibility_restrictions', 'true'),
        ('Number of monetary restrictions', 'monetary_restrictions', 'true'),
        ('Number of restrictions of the service', 'service_restrictions', 'true'),
        ('Number of restrictions of accounts', 'account_restrictions', 'true'),
    ] -%}
    {% for scope_kind, scope in [('total', "'total'"), ('category', 'category')] -%}
    select
        'Own-initiative content moderation' as section,
        '{{ indicator }}' as indicator,
        '{{ scope_kind }}' as scope_kind,
        {{ scope }} as scope,
        cast(sum({{ expression }}) as double) as figure,
        'measures' as unit,
        period_start
    from statements
    where source_type = 'SOURCE_VOLUNTARY' and {{ condition }}
    group by {{ scope ~ ', ' if scope_kind != 'total' }}period_start
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

appeals as (
    select
        *,
        {{ half_year_start('appealed_on') }} as period_start
    from {{ ref('int_appeals') }}
    where market in {{ states }} and not is_before_decision
),

complaint_figures as (
    {% for channel, section, indicator in complaints -%}
    {% for scope, outcome in [
        ('total', none), ('Decisions upheld', 'upheld'), ('Decisions reversed', 'reversed'),
        ('Decisions partially reversed', 'partially_reversed'), ('Decision omitted', 'omitted'),
    ] -%}
    select
        '{{ section }}' as section,
        '{{ indicator }}' as indicator,
        '{{ 'category' if outcome else 'total' }}' as scope_kind,
        '{{ scope }}' as scope,
        cast(count(*) as double) as figure,
        'complaints' as unit,
        period_start
    from appeals
    where channel = '{{ channel }}' {%- if outcome %} and outcome = '{{ outcome }}'{% endif %}
    group by period_start
    union all
    {% endfor -%}
    select
        '{{ section }}',
        '{{ indicator }}',
        'category',
        'Median time',
        median(cast(resolution_seconds as double)) / 86400,
        'days',
        period_start
    from appeals
    where channel = '{{ channel }}'
    group by period_start
    having count(resolution_seconds) > 0
    union all
    {% endfor -%}
    select
        'Out-of-court dispute settlement bodies',
        '{{ complaints[1][2] }}',
        'category',
        'Percentage of outcomes implemented',
        cast(count(*) filter (where implemented_at is not null) as double) / count(*),
        'share',
        period_start
    from appeals
    where channel = 'out_of_court' and outcome in ('reversed', 'partially_reversed')
    group by period_start
),

-- By day and market, and of Member States only.
machine_days as (
    select
        slice as market,
        measures_taken,
        measures_automated,
        automation_confirmed,
        automation_upheld,
        automation_appealed,
        upheld_appeals,
        decided_appeals,
        {{ half_year_start('reporting_on') }} as period_start
    from {{ ref('int_metric_slices_daily') }}
    where scope_type = 'all' and slice_type = 'market' and slice in {{ states }}
),

machine_figures as (
    {% for scope_kind, scope in [('total', "'total'"), ('member_state', 'market')] -%}
    {% for indicator, figure, unit in [
        ('Number of measures solely taken by automated means', 'sum(measures_automated)', 'measures'),
        ('Number of measures not taken by automated means', 'sum(measures_taken) - sum(measures_automated)', 'measures'),
        ('Accuracy of the automated means - Accuracy',
            'cast(sum(automation_confirmed) as double) / nullif(sum(decided_appeals), 0)', 'share'),
        ('Accuracy of the automated means - Precision',
            'cast(sum(automation_upheld) as double) / nullif(sum(automation_appealed), 0)', 'share'),
        ('Accuracy of the automated means - Recall',
            'cast(sum(automation_upheld) as double) / nullif(sum(upheld_appeals), 0)', 'share'),
    ] -%}
    select
        '{{ automated }}' as section,
        '{{ indicator }}' as indicator,
        '{{ scope_kind }}' as scope_kind,
        {{ scope }} as scope,
        cast({{ figure }} as double) as figure,
        '{{ unit }}' as unit,
        period_start
    from machine_days
    group by {{ scope ~ ', ' if scope_kind != 'total' }}period_start
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {{ 'union all' if not loop.last }}
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

people_figures as (
    select
        'Human resources dedicated to content moderation' as section,
        case
            when is_internal then 'Number of internal moderators employed by the provider'
            else 'Number of external moderators contracted by the provider'
        end as indicator,
        'total' as scope_kind,
        'total' as scope,
        cast(count(*) as double) as figure,
        'people' as unit,
        period_start
    from moderators
    where is_internal is not null
    group by is_internal, period_start
    union all
    select
        'Human resources dedicated to content moderation',
        'Number of total moderators with sufficient linguistic expertise',
        'language',
        language,
        cast(count(distinct moderator_id) as double),
        'people',
        period_start
    from (
        select
            moderator_id,
            trim({{ each_of('languages') }}) as language,
            period_start
        from moderators
    ) as spoken
    group by language, period_start
),

recipient_figures as (
    select
        'Average monthly active recipients' as section,
        'Average monthly active recipients: ' || service as indicator,
        case when scope = 'total' then 'total' else 'member_state' end as scope_kind,
        scope,
        avg(cast(recipients as double)) as figure,
        'recipients' as unit,
        {{ half_year_start('period_start') }} as period_start
    from {{ ref('stg_transparency__monthly_recipients') }}
    where service in ({{ literals(var('own_services')) }})
    group by service, scope, {{ half_year_start('period_start') }}
),

provided as (
    {% for name in [
        'order_figures', 'notice_figures', 'own_initiative', 'complaint_figures', 'machine_figures', 'people_figures',
        'recipient_figures',
    ] -%}
    select * from {{ name }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

missing as (
    {% for section, indicator, reason in not_provided -%}
    select
        '{{ section }}' as section,
        '{{ indicator }}' as indicator,
        '{{ reason }}' as reason
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    section,
    indicator,
    scope_kind,
    scope,
    figure,
    unit,
    cast(null as varchar) as reason,
    period_start
from provided
where figure is not null
union all
select
    missing.section,
    missing.indicator,
    'total',
    'total',
    null,
    null,
    missing.reason,
    ends.period_start
from missing
cross join ends
