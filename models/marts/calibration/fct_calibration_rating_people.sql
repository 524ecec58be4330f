{{ config(group='people', access='private') }}

select
    rating_id,
    rater_key
from {{ ref('int_calibration_ratings') }}
