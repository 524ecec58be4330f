{# Where each moderator was and when, as known up to batch `through` (all when none): the latest row of a moderator and
   valid_from, ending at its valid_to or the day before the next begins. Reads the append-only base so that what the
   roster said earlier can be asked again. #}
{% macro roster(through=none) %}
    {%- set base_relation = landed_base('workforce', 'moderators') -%}
    {%- set sql -%}
        select
            moderator_id,
            site_id,
            vendor_id,
            team_id,
            role,
            languages,
            hired_on,
            left_on,
            valid_from,
            {{ last_valid_day('moderator_id') }} as valid_to
        from (
            select
                *,
                row_number() over (
                    partition by moderator_id, valid_from
                    order by {{ landed_on('_file') }} desc, _landed_at desc nulls last, _file desc, _row desc
                ) as version_rank
            from {{ base_relation }}
            where _problems is null {%- if through is not none %} and _batch <= {{ through }}{% endif %}
        ) as versions
        where version_rank = 1
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Moderators and the days on which the roster now says something else of them than it did before this run. #}
{% macro moved_moderators(through) %}
    {%- set sql -%}
        select changed.moderator_id, days.event_on
        from (
            select distinct moderator_id from {{ landed_base('workforce', 'moderators') }} where _batch > {{ through }}
        ) as changed
        cross join (select distinct event_on from {{ ref('log_moderation__decisions') }} where event_on is not null
            union
            select distinct event_on from {{ landed_log('workforce', 'activity') }} where event_on is not null
            union
            select distinct event_on from {{ landed_log('moderation', 'task_claims') }} where event_on is not null) as days
        {{ as_of_join('(' ~ roster(through) ~ ')', 'was', 'was.moderator_id = changed.moderator_id', 'days.event_on') }}
        {{ as_of_join('(' ~ roster() ~ ')', 'now', 'now.moderator_id = changed.moderator_id', 'days.event_on') }}
        where
            was.site_id is distinct from now.site_id
            or was.vendor_id is distinct from now.vendor_id
            or was.team_id is distinct from now.team_id
            or was.role is distinct from now.role
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
