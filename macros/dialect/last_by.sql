{#- The value, not NULL, at the largest (first key, second key): the second key settles ties, and
    may be left out where there are none. Of two keys, one that is NULL comes last; a row whose only key
    is NULL does not count. -#}
{% macro last_by(value, key, tie=none) %}{{ return(adapter.dispatch('last_by')(value, key, tie)) }}{% endmacro %}
{% macro default__last_by(value, key, tie) %}max_by({{ value }}, {{ '(' ~ key ~ ', ' ~ tie ~ ')' if tie else key }}) filter (where {{ value }} is not null){% endmacro %}
{% macro spark__last_by(value, key, tie) %}max_by({{ value }}, {{ key_pair(key, tie) if tie else key }}) filter (where {{ value }} is not null){% endmacro %}
