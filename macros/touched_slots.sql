{#- The slots (visitor_id, slot) whose accepted events can differ since a moment of loading: those
    of the rows that came in later, and those of rows that such a one has made a copy of itself.

    since: an SQL timestamp, the watermark of the table to bring up to date -#}
{% macro touched_slots(since) %}
    select visitor_id, {{ slot_number('event_at') }} as slot
    from {{ ref('int_events_validated') }}
    where loaded_at > {{ since }} and reject_reason is null
    union
    select visitor_id, {{ slot_number('event_at') }} as slot
    from {{ ref('int_event_copies') }}
    where decided_at > {{ since }}
{% endmacro %}
