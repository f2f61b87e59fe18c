{#- The value, not NULL, at the largest (first key, second key): the second key settles ties. -#}
{% macro last_by(value, key, tie) %}{{ return(adapter.dispatch('last_by')(value, key, tie)) }}{% endmacro %}
{% macro default__last_by(value, key, tie) %}max_by({{ value }}, ({{ key }}, {{ tie }})) filter (where {{ value }} is not null){% endmacro %}
{% macro spark__last_by(value, key, tie) %}max_by({{ value }}, struct({{ key }}, {{ tie }})) filter (where {{ value }} is not null){% endmacro %}
