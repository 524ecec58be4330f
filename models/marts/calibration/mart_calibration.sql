{{ config(materialized='table') }}

with sessions as (
    select * from {{ ref('int_calibration_sessions') }}
),

agreement as (
    select * from {{ ref('inter_rater_agreement') }}
    where coefficient = 'percent_agreement'
)

select
    sessions.session_id,
    cast(sessions.rating_round as bigint) as rating_round,
    cast(sessions.ratings as bigint) as ratings,
    cast(sessions.missing_ratings as bigint) as missing_ratings,
    cast(sessions.items as bigint) as items,
    cast(sessions.raters as bigint) as raters,
    cast(sessions.referenced_ratings as bigint) as referenced_ratings,
    cast(sessions.reference_matches as bigint) as reference_matches,
    cast(sessions.reference_matches as double) / nullif(sessions.referenced_ratings, 0) as reference_match_rate,
    cast(agreement.n_items as bigint) as agreement_items,
    cast(agreement.estimate as double) as percent_agreement,
    cast(agreement.standard_error as double) as percent_agreement_standard_error,
    cast(agreement.lower as double) as percent_agreement_lower,
    cast(agreement.upper as double) as percent_agreement_upper,
    agreement.reason as not_estimable_reason,
    sessions.first_rated_on,
    sessions.last_rated_on,
    {{ build_id() }} as build_id
from sessions
left join agreement
    on sessions.session_id = agreement.session_id and sessions.rating_round = agreement.rating_round
