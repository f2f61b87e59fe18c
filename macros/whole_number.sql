{#- The whole number that a text names; NULL where it names none: 1.7 is not 2.

    text: an SQL text -#}
{% macro whole_number(text) -%}
    case
        when try_cast({{ text }} as decimal(18, 4)) = floor(try_cast({{ text }} as decimal(18, 4)))
            then try_cast(floor(try_cast({{ text }} as decimal(18, 4))) as integer)
    end
{%- endmacro %}
