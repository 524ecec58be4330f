select
    model_version,
    automation_level,
    cast(audits as bigint) as audits,
    cast(threshold as double) as threshold,
    cast(precision as double) as precision,
    cast(precision_lower as double) as precision_lower,
    cast(precision_upper as double) as precision_upper,
    cast(recall as double) as recall,
    cast(recall_lower as double) as recall_lower,
    cast(recall_upper as double) as recall_upper,
    cast(flagged_share as double) as flagged_share,
    cast(mean_score as double) as mean_score,
    cast(violative_share as double) as violative_share,
    cast(violative_share_lower as double) as violative_share_lower,
    cast(violative_share_upper as double) as violative_share_upper,
    cast(quarter_starting_on as date) as quarter_starting_on,
    {{ build_id() }} as build_id
from {{ ref('detector_quality') }}
