{#- The text of a JSON value at a path ('$.a.b'); NULL where there is none.

    Spark writes a large or small number with a fraction as 1.0E7, and an id may be one: it is written
    out as DuckDB does. Within an object or a list it is left as Spark has it. -#}
{% macro json_text(column, path) %}{{ return(adapter.dispatch('json_text')(column, path)) }}{% endmacro %}
{% macro default__json_text(column, path) %}json_extract_string({{ column }}, '{{ path }}'){% endmacro %}
{% macro spark__json_text(column, path) -%}
    {%- set text -%}get_json_object({{ column }}, '{{ path }}'){%- endset -%}
    {#- Through a wildcard a text keeps its quotation marks: what has none is a number. -#}
    {%- set quoted -%}get_json_object('[' || {{ column }} || ']', '$[*]{{ path[1:] }}'){%- endset -%}
    case
        when {{ text }} rlike '^-?[0-9][.][0-9]+E-?[0-9]+$' and {{ quoted }} = {{ text }} then {{ written_out(text) }}
        else {{ text }}
    end
{%- endmacro %}

{#- A number such as 1.25E7 without its exponent, where that takes at most 21 digits; else as 1.25e25. -#}
{% macro written_out(number) -%}
    case
        when abs(cast({{ number }} as double)) >= 1e21 or abs(cast({{ number }} as double)) < 1e-6
            then replace(replace({{ number }}, '.0E', 'e'), 'E', 'e')
        when abs(cast({{ number }} as double)) >= 1
            then regexp_replace(cast(cast({{ number }} as decimal(38, 10)) as string), '([.][0-9]+?)0+$', '$1')
        else regexp_replace(cast(cast({{ number }} as decimal(38, 24)) as string), '0+$', '')
    end
{%- endmacro %}
