{{ config(materialized='incremental', incremental_strategy='append') }}

-- What changes a task may take it away from the day it was due or decided on.
{{ former_days(ref('affected_task_days'), [
    ('int_tasks_daily', 'due_on'),
    ('int_turnaround_histogram', 'decided_on'),
    ('int_claim_wait_histogram', 'claimed_on'),
]) }}
