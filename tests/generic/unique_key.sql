{# Returns keys that occur more than once or are missing a part; see keys_that_repeat. #}
{% test unique_key(model, columns, affected_by=none, day='event_on') %}
{{ keys_that_repeat(model, columns, ref(affected_by) if affected_by is not none else none, day) }}
{% endtest %}
