{#- A text that orders events by their moment, and where moments are equal by their id. Engines compare
    one text in half the time of a pair. Moments are counted from so early on that every count has as
    many digits.

    event_at, event_id: columns -#}
{% macro event_order(event_at, event_id) -%}
    cast({{ epoch_us(event_at) }} + 500000000000000000 as {{ dbt.type_string() }}) || {{ event_id }}
{%- endmacro %}
