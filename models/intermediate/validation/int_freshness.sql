-- By the days of landing up to what is known, not by a clock. A table whose contract allows any (a roster comes when it
-- changes) is never behind.
with allowed as (
    {% for source_name, table_name in landed_tables() if execute -%}
    select
        '{{ source_name }}.{{ table_name }}' as source_table,
        cast({{ contract_meta(source_name, table_name).get('fresh_within_days', 'null') }} as integer) as fresh_within_days
    {{ 'union all' if not loop.last }}
    {% else -%}
    select null as source_table, null as fresh_within_days
    {% endfor %}
),

last_landings as (
    select
        source_table,
        max(landed_on) as last_landed_on
    from {{ ref('stg_landing__files') }}
    group by source_table
)

select
    last_landings.source_table,
    last_landings.last_landed_on,
    allowed.fresh_within_days,
    -- What is asked as of an earlier day may have landed since: that is not behind.
    greatest(cast(as_of.as_of as date) - 1 - last_landings.last_landed_on, 0) as days_behind,
    as_of.as_of_day - 1 as known_on
from last_landings
inner join allowed on last_landings.source_table = allowed.source_table
cross join {{ ref('int_as_of') }} as as_of
