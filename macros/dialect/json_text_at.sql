{#- The text of the value that a JSON object has under a key, which is an expression and may hold any
    sign; NULL where there is none, or where the text is no JSON. -#}
{% macro json_text_at(column, key) %}{{ return(adapter.dispatch('json_text_at')(column, key)) }}{% endmacro %}
{% macro default__json_text_at(column, key) -%}
    json_extract_string({{ valid_json(column) }}, '/' || replace(replace({{ key }}, '~', '~0'), '/', '~1'))
{%- endmacro %}
{% macro spark__json_text_at(column, key) %}try_element_at(from_json({{ column }}, 'map<string, string>'), {{ key }}){% endmacro %}
