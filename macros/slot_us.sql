{#- Microseconds in a slot: the timeout of sessions. -#}
{% macro slot_us() %}{{ return(var('session_timeout_minutes') * 60000000) }}{% endmacro %}
