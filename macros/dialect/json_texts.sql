{#- The texts of JSON values at several paths, as an array in their order: the text is read once.
    NULL where a path leads nowhere. -#}
{% macro json_texts(column, paths) %}{{ return(adapter.dispatch('json_texts')(column, paths)) }}{% endmacro %}
{% macro default__json_texts(column, paths) %}json_extract_string({{ column }}, ['{{ paths | join("', '") }}']){% endmacro %}
{% macro spark__json_texts(column, paths) -%}
    array(
        {%- for path in paths %}
        {{ spark__json_text(column, path) }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
