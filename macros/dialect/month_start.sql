{#- The first day of the month that a day or moment lies in. -#}
{% macro month_start(day) %}{{ return(adapter.dispatch('month_start')(day)) }}{% endmacro %}
{% macro default__month_start(day) %}cast(date_trunc('month', {{ day }}) as date){% endmacro %}
{% macro spark__month_start(day) %}trunc({{ day }}, 'MM'){% endmacro %}
