with final as (
    select
        auditor_type,
        cast(auditors as bigint) as auditors,
        cast(audits as bigint) as audits,
        cast(unauditable_audits as bigint) as unauditable_audits,
        cast(disputed_audits as bigint) as disputed_audits,
        cast(lost_disputes as bigint) as lost_disputes,
        case when auditors >= {{ var('minimum_people') }} then cast(audits as double) / auditors end
            as audits_per_auditor,
        case when auditors >= {{ var('minimum_people') }} then cast(most_audits as double) / cast(audits as double) end
            as share_of_the_busiest,
        week_starting_on
    from {{ ref('int_auditor_load') }}
)

select
    *,
    {{ build_id() }} as build_id
from final
