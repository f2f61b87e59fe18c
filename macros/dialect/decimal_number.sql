{#- The decimal number that a text names, rounded to some digits; NULL where it names none. Spark would
    read the digits of other scripts as well.

    text: an SQL text
    scale: digits after the point -#}
{% macro decimal_number(text, scale) %}{{ return(adapter.dispatch('decimal_number')(text, scale)) }}{% endmacro %}
{% macro default__decimal_number(text, scale) -%}
    case when {{ text }} not like '%!_%' escape '!' then try_cast({{ text }} as decimal(18, {{ scale }})) end
{%- endmacro %}
{% macro spark__decimal_number(text, scale) -%}
    case when octet_length({{ text }}) = length({{ text }}) then try_cast({{ text }} as decimal(18, {{ scale }})) end
{%- endmacro %}
