-- Every rating beside what the references say of its item, where they say one thing. The reference is no rater.
with ratings as (
    select * from {{ ref('int_calibration_ratings') }}
),

answer_key as (
    select
        session_id,
        item_id,
        rating_round,
        min(label) as reference_label
    from ratings
    where is_reference
    group by session_id, item_id, rating_round
    having count(distinct label) = 1
),

outcomes as (
    {%- for outcome in ['no_violation', 'label', 'age_restrict', 'restrict', 'remove'] %}
    select
        '{{ outcome }}' as outcome,
        {{ loop.index0 }} as strictness
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    ratings.session_id,
    ratings.item_id,
    ratings.rater_key,
    ratings.queue_id,
    ratings.label,
    answer_key.reference_label,
    ratings.rating_round,
    ratings.known_on,
    own.strictness as label_strictness,
    reference.strictness as reference_label_strictness
from ratings
left join answer_key
    on
        ratings.session_id = answer_key.session_id
        and ratings.item_id = answer_key.item_id
        and ratings.rating_round = answer_key.rating_round
left join outcomes as own on ratings.label = own.outcome
left join outcomes as reference on answer_key.reference_label = reference.outcome
where not ratings.is_reference
