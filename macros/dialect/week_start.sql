{#- The Monday of the week that a day or moment lies in. -#}
{% macro week_start(day) %}{{ return(adapter.dispatch('week_start')(day)) }}{% endmacro %}
{% macro default__week_start(day) %}cast(date_trunc('week', {{ day }}) as date){% endmacro %}
{% macro spark__week_start(day) %}trunc({{ day }}, 'WEEK'){% endmacro %}
