{#- The visitors of the touched slots, with the first and the last of them: visitor_id, first_slot,
    last_slot.

    since: an SQL timestamp, the watermark of the table to bring up to date -#}
{% macro touched_visitors(since) %}
    select visitor_id, min(slot) as first_slot, max(slot) as last_slot
    from ({{ touched_slots(since) }}) as touched
    group by visitor_id
{% endmacro %}
