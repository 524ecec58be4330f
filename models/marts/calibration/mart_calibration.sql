{{ config(materialized='table') }}

with sessions as (
    select
        session_id,
        rating_round,
        count(*) as ratings,
        count(*) filter (where label is null) as missing_ratings,
        count(distinct item_id) as items,
        count(distinct rater_key) as raters,
        count(*) filter (where label is not null and reference_label is not null) as referenced_ratings,
        count(*) filter (where label = reference_label) as reference_matches,
        min(known_on) as first_rated_on,
        max(known_on) as last_rated_on
    from {{ ref('int_referenced_ratings') }}
    group by session_id, rating_round
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
    -- Agreement of a few raters identifies them.
    {%- set if_shown = 'case when sessions.raters >= ' ~ var('minimum_people') ~ ' then ' %}
    {%- for name in ['ratings', 'missing_ratings', 'items', 'raters', 'referenced_ratings', 'reference_matches'] %}
    cast({{ if_shown }} sessions.{{ name }} end as bigint) as {{ name }},
    {%- endfor %}
    {{ if_shown }} cast(sessions.reference_matches as double) / nullif(sessions.referenced_ratings, 0) end
        as reference_match_rate,
    cast({{ if_shown }} agreement.n_items end as bigint) as agreement_items,
    {%- for coefficient in coefficients %}
    cast({{ if_shown }} agreement.{{ coefficient }}_estimate end as double) as {{ coefficient }},
    cast({{ if_shown }} agreement.{{ coefficient }}_standard_error end as double)
        as {{ coefficient }}_standard_error,
    cast({{ if_shown }} agreement.{{ coefficient }}_lower end as double) as {{ coefficient }}_lower,
    cast({{ if_shown }} agreement.{{ coefficient }}_upper end as double) as {{ coefficient }}_upper,
    {%- endfor %}
    {{ if_shown }} agreement.reason else 'fewer than {{ var('minimum_people') }} people' end
        as not_estimable_reason,
    sessions.first_rated_on,
    sessions.last_rated_on,
    {{ build_id() }} as build_id
from sessions
left join agreement
    on sessions.session_id = agreement.session_id and sessions.rating_round = agreement.rating_round
