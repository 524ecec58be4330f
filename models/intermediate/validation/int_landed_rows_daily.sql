-- Codes that their list does not know are counted in staging, references that no reference data know in the roll-up of
-- decisions.
select
    source_table,
    sum(case when status not in ('unmapped', 'flagged') then row_count else 0 end) as rows_judged,
    sum(case when status = 'quarantined' then row_count else 0 end) as rows_quarantined,
    sum(case when status = 'staged' then row_count else 0 end) as rows_staged,
    sum(case when status = 'unmapped' then row_count else 0 end) as codes_unmapped,
    event_on
from (
    select
        source_table,
        status,
        row_count,
        event_on
    from {{ ref('int_row_counts') }}
    union all
    select
        'moderation.decisions',
        'unmapped',
        sum(
            unmapped_policies + unmapped_queues + unmapped_markets + unmapped_languages + unmapped_moderators
        ),
        event_on
    from {{ ref('int_decisions_daily') }}
    group by event_on
) as counted
where event_on is not null
group by source_table, event_on
