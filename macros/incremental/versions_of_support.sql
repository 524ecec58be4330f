{# Tickets with a comment whose author now counts as an agent at that time and did not before this run, or the other way
   round. #}
{% macro tickets_with_other_replies(through) %}
    {%- set is_agent = "coalesce({}.role in ('agent', 'admin'), false)" -%}
    {%- set sql -%}
        select comments.ticket_id
        from {{ landed_base('support', 'ticket_comment') }} as comments
        semi join (select id from {{ landed_base('support', 'user') }} where _batch > {{ through }}) as changed
            on comments.user_id = changed.id
        left join ({{ landed_versions('user', through, arrived_since=through) }}) as was
            on comments.user_id = was.id and {{ in_force_at('was', 'comments.created_at') }}
        left join ({{ landed_versions('user', arrived_since=through) }}) as now
            on comments.user_id = now.id and {{ in_force_at('now', 'comments.created_at') }}
        where {{ is_agent.format('was') }} <> {{ is_agent.format('now') }}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Tickets whose group now has another name at their opening than it had before this run. #}
{% macro tickets_with_other_group_names(through) %}
    {%- set sql -%}
        select tickets.id as ticket_id
        from {{ landed_base('support', 'ticket') }} as tickets
        semi join (select id from {{ landed_base('support', 'group') }} where _batch > {{ through }}) as changed
            on tickets.group_id = changed.id
        left join ({{ landed_versions('group', through, arrived_since=through) }}) as was
            on tickets.group_id = was.id and {{ in_force_at('was', 'tickets.created_at') }}
        left join ({{ landed_versions('group', arrived_since=through) }}) as now
            on tickets.group_id = now.id and {{ in_force_at('now', 'tickets.created_at') }}
        where was.name is distinct from now.name
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
