{#- The decimal number that a text names, rounded to some digits; NULL where it names none.

    text: an SQL text
    scale: digits after the point -#}
{% macro decimal_number(text, scale) -%}
    case when {{ text }} not like '%!_%' escape '!' then try_cast({{ text }} as decimal(18, {{ scale }})) end
{%- endmacro %}
