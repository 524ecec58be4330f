{{ config(severity='warn', meta={'owner': 'analytics-engineering'}) }}

-- Tables of which something landed once, but nothing in as many of the last days as their contract allows.
select
    source_table,
    last_landed_on,
    fresh_within_days,
    days_behind
from {{ ref('int_freshness') }}
where days_behind > fresh_within_days
