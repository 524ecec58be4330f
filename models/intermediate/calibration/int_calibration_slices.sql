-- Every rating in each slice of which agreement is asked: its session, and by month its queue and all. A session is of
-- the month in which it began. Reference rows are not raters, and a missing label is no rating.
{%- set slices = [('session', 'session_id'), ('queue', "coalesce(queue_id, '(none)')"), ('all', "'all'")] %}

with ratings as (
    select
        *,
        min(known_on) over (partition by session_id, rating_round) as session_on
    from {{ ref('int_calibration_ratings') }}
    where not is_reference and label is not null
)

{% for slice_type, slice in slices -%}
select
    '{{ slice_type }}' as slice_type,
    {{ slice }} as slice,
    session_id || '/' || item_id as item_id,
    rater_key,
    label,
    rating_round,
    cast(date_trunc('month', {{ 'session_on' if slice_type == 'session' else 'known_on' }}) as date) as period_start
from ratings
{{ 'union all' if not loop.last }}
{% endfor %}
