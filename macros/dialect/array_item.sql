{#- An item of an array by its place, counted from 0. -#}
{% macro array_item(array, place) %}{{ return(adapter.dispatch('array_item')(array, place)) }}{% endmacro %}
{% macro default__array_item(array, place) %}{{ array }}[{{ place + 1 }}]{% endmacro %}
{% macro spark__array_item(array, place) %}{{ array }}[{{ place }}]{% endmacro %}
