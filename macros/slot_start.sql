{#- The moment at which a slot begins.

    slot: number of the slot, known when the SQL is written -#}
{% macro slot_start(slot) -%}
    {{ timestamp_from_us(slot * slot_us()) }}
{%- endmacro %}
