{#- A JSON text as it is; NULL where it is no JSON, since reading it would stop the whole query. -#}
{% macro valid_json(text) %}{{ return(adapter.dispatch('valid_json')(text)) }}{% endmacro %}
{% macro default__valid_json(text) %}case when json_valid({{ text }}) then {{ text }} end{% endmacro %}
{% macro spark__valid_json(text) %}case when try_parse_json({{ text }}) is not null then {{ text }} end{% endmacro %}
