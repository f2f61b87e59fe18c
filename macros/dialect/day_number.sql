{#- Days since 1970-01-01 of a day or moment: the difference of two is the days between. -#}
{% macro day_number(day) %}{{ return(adapter.dispatch('day_number')(day)) }}{% endmacro %}
{% macro default__day_number(day) %}cast(cast({{ day }} as date) - date '1970-01-01' as integer){% endmacro %}
{% macro spark__day_number(day) %}unix_date(cast({{ day }} as date)){% endmacro %}
