{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- Judged apart from the row's own faults, because the task may arrive, or be corrected, later than the decision.
-- Hashes find a few suspects without joining every id; what they are suspected of is then proved by the ids. A day's
-- run joins the ids themselves: they prune the storage of tasks, where they grow with time.
with suspects as (
    select
        tasks.task_id,
        tasks.enqueued_at,
        tasks._file,
        tasks._row
    from {{ ref('base_moderation__decisions') }} as decisions
    inner join {{ ref('base_moderation__tasks') }} as tasks
        on
            {% if is_incremental() -%}
            decisions.task_id = tasks.task_id
            {%- else -%}
            {{ hash64(['decisions.task_id']) }} = tasks._key
            {%- endif %}
            and decisions.decided_at < tasks.enqueued_at
    where tasks._problems is null and {{ in_affected_days(ref('affected_decision_days'), 'decisions.event_on') }}
),

-- Of their versions the ones that stand.
tasks as (
    select distinct
        suspects.task_id,
        suspects.enqueued_at
    from suspects
    anti join {{ ref('log_moderation__tasks') }} as lost on suspects._row = lost._row and suspects._file = lost._file
),

decisions as (
    {{ staged('moderation', 'decisions') }}
),

final as (
    select
        decisions.decision_id,
        'decided_before_enqueued' as reasons,
        decisions._file,
        decisions._row,
        decisions._line,
        decisions.event_on,
        {{ batch() }} as _batch
    from decisions
    inner join tasks on decisions.task_id = tasks.task_id
    where
        decisions.decided_at < tasks.enqueued_at
        and {{ in_affected_days(ref('affected_decision_days'), 'decisions.event_on') }}
)

select * from final
