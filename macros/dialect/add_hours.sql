{#- A moment some hours later (hours: an integer literal). -#}
{% macro add_hours(moment, hours) %}{{ return(adapter.dispatch('add_hours')(moment, hours)) }}{% endmacro %}
{% macro default__add_hours(moment, hours) %}({{ moment }} + interval '{{ hours }}' hour){% endmacro %}
{% macro spark__add_hours(moment, hours) %}({{ moment }} + interval '{{ hours }}' hour){% endmacro %}
