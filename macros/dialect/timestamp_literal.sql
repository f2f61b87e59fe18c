{#- A moment without zone, as text 'YYYY-MM-DD hh:mm:ss[.ffffff]' in UTC. -#}
{% macro timestamp_literal(text) %}{{ return(adapter.dispatch('timestamp_literal')(text)) }}{% endmacro %}
{% macro default__timestamp_literal(text) %}timestamp '{{ text }}'{% endmacro %}
{% macro spark__timestamp_literal(text) %}timestamp_ntz '{{ text }}'{% endmacro %}
