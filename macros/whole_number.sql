{#- The whole number that a text names; NULL where it names none: 1.7 is not 2.

    text: an SQL text -#}
{% macro whole_number(text) -%}
    case
        when {{ decimal_number(text, 4) }} = floor({{ decimal_number(text, 4) }})
            then try_cast(floor({{ decimal_number(text, 4) }}) as integer)
    end
{%- endmacro %}
