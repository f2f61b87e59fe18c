{#- Slots that the outcome of an impression may lie ahead of it: the window, rounded up, and the slot
    of the impression itself. -#}
{% macro outcome_slots() %}
    {{ return((var('outcome_window_hours') * 3600000000 + slot_us() - 1) // slot_us() + 1) }}
{% endmacro %}
