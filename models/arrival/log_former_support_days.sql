{{ config(materialized='incremental', incremental_strategy='append') }}

-- What changes a ticket may take it away from the day it was replied to or solved on.
{{ former_days(ref('affected_ticket_days'), [
    ('int_tickets_daily', 'reporting_on'),
    ('int_ticket_duration_histogram', 'reporting_on'),
]) }}
