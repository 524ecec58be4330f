{# Every stored row says which run wrote it. A model works on what its inputs hold above its own highest batch, so that a
   run that failed or was killed half way is caught up by the next one. The number rises from run to run whatever the clock
   says (src/plumbline/session.py), also across a --full-refresh of a part. #}
{% macro batch() %}{{ return(adapter.dispatch('batch', 'plumbline')()) }}{% endmacro %}
{% macro default__batch() %}
    {{ return("cast(coalesce(getvariable('plumbline_batch'), error('no batch: give the profile the plugin plumbline.session'))"
        ~ ' as bigint)') }}
{% endmacro %}

{# A constant, not a subquery: zone maps and partitions prune by a constant only. #}
{% macro built_through() %}
    {%- if execute and is_incremental() -%}
        {{ return(run_query('select coalesce(max(_batch), 0) from ' ~ this).rows[0][0]) }}
    {%- endif -%}
    {{ return(0) }}
{% endmacro %}

{# Whether anything stands above `through` in any of `relations`; asked before a query whose joins pass whole tables even
   when there is nothing to join with. #}
{% macro any_arrived(relations, through) %}
    {%- if not execute or not is_incremental() -%}{{ return(true) }}{%- endif -%}
    {%- set asked = [] -%}
    {%- for relation in relations -%}
        {%- do asked.append('exists (select 1 from ' ~ relation ~ ' where _batch > ' ~ through ~ ')') -%}
    {%- endfor -%}
    {{ return(run_query('select ' ~ asked | join(' or ')).rows[0][0]) }}
{% endmacro %}
