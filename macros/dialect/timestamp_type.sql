{#- The type of a moment in UTC that carries no zone. -#}
{% macro timestamp_type() %}{{ return(adapter.dispatch('timestamp_type')()) }}{% endmacro %}
{% macro default__timestamp_type() %}timestamp{% endmacro %}
{% macro spark__timestamp_type() %}timestamp_ntz{% endmacro %}
