-- Impossible rows of every staged table, each with its key, where it stands and all that is wrong with it.
{% for source_name, table_name in landed_tables() -%}
{%- set relation = landed_base(source_name, table_name) -%}
select
    '{{ source_name }}.{{ table_name }}' as source_table,
    {{ key_text(source_name, table_name) }} as row_key,
    _problems as reasons,
    _file as landed_file,
    _row as landed_row,
    _line as source_line,
    event_on
from {{ relation }}
where _problems is not null
union all
{% endfor -%}
select
    'moderation.decisions',
    decision_id,
    reasons,
    _file,
    _row,
    _line,
    event_on
from {{ ref('impossible_moderation__decisions') }}
