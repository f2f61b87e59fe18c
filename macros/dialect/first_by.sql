{#- The value, not NULL, at the smallest (first key, second key): the second key settles ties, and
    may be left out where there are none. -#}
{% macro first_by(value, key, tie=none) %}{{ return(adapter.dispatch('first_by')(value, key, tie)) }}{% endmacro %}
{% macro default__first_by(value, key, tie) %}min_by({{ value }}, {{ '(' ~ key ~ ', ' ~ tie ~ ')' if tie else key }}) filter (where {{ value }} is not null){% endmacro %}
{% macro spark__first_by(value, key, tie) %}min_by({{ value }}, {{ 'struct(' ~ key ~ ', ' ~ tie ~ ')' if tie else key }}) filter (where {{ value }} is not null){% endmacro %}
