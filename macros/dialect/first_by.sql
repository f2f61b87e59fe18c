{#- The value, not NULL, at the smallest (first key, second key): the second key settles ties, and
    may be left out where there are none. Of two keys, one that is NULL comes last; a row whose only key
    is NULL does not count. -#}
{% macro first_by(value, key, tie=none) %}{{ return(adapter.dispatch('first_by')(value, key, tie)) }}{% endmacro %}
{% macro default__first_by(value, key, tie) %}min_by({{ value }}, {{ '(' ~ key ~ ', ' ~ tie ~ ')' if tie else key }}) filter (where {{ value }} is not null){% endmacro %}
{% macro spark__first_by(value, key, tie) %}min_by({{ value }}, {{ key_pair(key, tie) if tie else key }}) filter (where {{ value }} is not null){% endmacro %}

{#- Two keys as Spark compares them with NULL last. -#}
{% macro key_pair(key, tie) %}{{ return('struct(' ~ key ~ ' is null, ' ~ key ~ ', ' ~ tie ~ ' is null, ' ~ tie ~ ')') }}{% endmacro %}
