{{ config(materialized='table') }}

with sessions as (
    select * from {{ ref('int_calibration_sessions') }}
),

{%- set coefficients = ['percent_agreement', 'fleiss_kappa', 'krippendorff_alpha', 'gwet_ac1'] %}

agreement as (
    select
        slice as session_id,
        rating_round,
        max(n_items) as n_items,
        {%- for coefficient in coefficients %}
        {%- for part in ['estimate', 'standard_error', 'lower', 'upper'] %}
        max(case when coefficient = '{{ coefficient }}' then {{ part }} end) as {{ coefficient }}_{{ part }},
        {%- endfor %}
        {%- endfor %}
        max(case when coefficient = 'percent_agreement' then reason end) as reason
    from {{ ref('inter_rater_agreement') }}
    where slice_type = 'session'
    group by slice, rating_round
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
    {%- for coefficient in coefficients %}
    cast(agreement.{{ coefficient }}_estimate as double) as {{ coefficient }},
    cast(agreement.{{ coefficient }}_standard_error as double) as {{ coefficient }}_standard_error,
    cast(agreement.{{ coefficient }}_lower as double) as {{ coefficient }}_lower,
    cast(agreement.{{ coefficient }}_upper as double) as {{ coefficient }}_upper,
    {%- endfor %}
    agreement.reason as not_estimable_reason,
    sessions.first_rated_on,
    sessions.last_rated_on,
    {{ build_id() }} as build_id
from sessions
left join agreement
    on sessions.session_id = agreement.session_id and sessions.rating_round = agreement.rating_round
