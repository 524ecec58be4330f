-- Every rating beside what the references say of its item, where they say one thing. The reference is no rater.
{%- set mild_to_strict = ['no_violation', 'label', 'age_restrict', 'restrict', 'remove'] %}

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

joined as (
    select
        ratings.session_id,
        ratings.item_id,
        ratings.rater_key,
        ratings.queue_id,
        ratings.label,
        answer_key.reference_label,
        ratings.rating_round,
        ratings.event_on,
        ratings.known_on
    from ratings
    left join answer_key
        on
            ratings.session_id = answer_key.session_id
            and ratings.item_id = answer_key.item_id
            and ratings.rating_round = answer_key.rating_round
    where not ratings.is_reference
)

select
    *,
    {%- for column in ['label', 'reference_label'] %}
    case {{ column }}
        {%- for outcome in mild_to_strict %}
        when '{{ outcome }}' then {{ loop.index0 }}
        {%- endfor %}
    end as {{ column }}_strictness
    {{- ',' if not loop.last }}
    {%- endfor %}
from joined
