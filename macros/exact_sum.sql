{#- A sum of doubles that is the same in whatever order rows are added: billionths are.

    value: doubles below a thousand million -#}
{% macro exact_sum(value) -%}
    cast(sum(cast({{ value }} as decimal(18, 9))) as double)
{%- endmacro %}
