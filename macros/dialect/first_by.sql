{#- The value, not NULL, at the smallest (first key, second key): the second key settles ties. -#}
{% macro first_by(value, key, tie) %}{{ return(adapter.dispatch('first_by')(value, key, tie)) }}{% endmacro %}
{% macro default__first_by(value, key, tie) %}min_by({{ value }}, ({{ key }}, {{ tie }})) filter (where {{ value }} is not null){% endmacro %}
{% macro spark__first_by(value, key, tie) %}min_by({{ value }}, struct({{ key }}, {{ tie }})) filter (where {{ value }} is not null){% endmacro %}
