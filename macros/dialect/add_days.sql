{#- A day some days later, or earlier (days: a whole number or a column of them). -#}
{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days')(day, days)) }}{% endmacro %}
{% macro default__add_days(day, days) %}(cast({{ day }} as date) + cast({{ days }} as integer)){% endmacro %}
{% macro spark__add_days(day, days) %}date_add(cast({{ day }} as date), cast({{ days }} as int)){% endmacro %}
