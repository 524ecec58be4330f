-- A published accuracy of automation follows from the precision, recall and counts that are published beside it. With S
-- measures solely automated, H the others, precision P and recall R: of S, P x S were right, and P x S / R - P x S are
-- missing from them among H.
with figures as (
    select
        service,
        period_start,
        surface,
        scope_kind,
        scope,
        max(case when indicator = 'Number of measures solely taken by automated means' then value end) as automated,
        max(case when indicator = 'Number of measures not taken by automated means' then value end) as others,
        max(case when indicator = 'Accuracy of the automated means - Accuracy' then value end) as accuracy,
        max(case when indicator = 'Accuracy of the automated means - Precision' then value end) as detected_precision,
        max(case when indicator = 'Accuracy of the automated means - Recall' then value end) as recall,
        max(case when indicator = 'Accuracy of the automated means - Accuracy' then line_number end) as line_number,
        count(*) as published_figures,
        count(distinct indicator) as published_indicators
    from {{ ref('stg_benchmarks__dsa_reports') }}
    where
        section = 'Use of automated means for content moderation'
        and scope_kind in ('total', 'member_state')
        and value is not null
        and indicator in (
            'Number of measures solely taken by automated means',
            'Number of measures not taken by automated means',
            'Accuracy of the automated means - Accuracy',
            'Accuracy of the automated means - Precision',
            'Accuracy of the automated means - Recall'
        )
    group by service, period_start, surface, scope_kind, scope
),

parts as (
    select
        *,
        detected_precision * automated as rightly_automated,
        detected_precision * automated / nullif(recall, 0) as to_be_automated
    from figures
    -- Where a figure is published twice, nobody can say which belongs to which.
    where published_figures = published_indicators
),

final as (
    select
        *,
        (rightly_automated + others - (to_be_automated - rightly_automated))
        / nullif(automated + others, 0) as reconstructed_accuracy
    from parts
)

select
    service,
    surface,
    scope_kind,
    scope,
    line_number,
    automated,
    others,
    accuracy,
    detected_precision,
    recall,
    reconstructed_accuracy,
    abs(accuracy - reconstructed_accuracy) > {{ var('published_accuracy_tolerance') }} as is_inconsistent,
    period_start
from final
where reconstructed_accuracy is not null and accuracy is not null
