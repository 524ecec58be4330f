-- Of decisions whose window of appeals is over.
select histogram.*
from {{ ref('int_appeal_resolution_histogram') }} as histogram
cross join {{ ref('int_as_of') }} as as_of
where histogram.event_on + {{ var('appeal_window_days') }} < as_of.as_of_day
