{#- The slots (visitor_id, slot) whose accepted events can differ since a moment of loading: those
    of the rows that came in later, and those of rows that such a one has made a copy of itself. Of
    rows that are computed again (trasos rebuild), also where they were before, and the other rows
    of their ids.

    since: an SQL timestamp, the watermark of the table to bring up to date -#}
{% macro touched_slots(since) %}
    select visitor_id, {{ slot_number('event_at') }} as slot
    from {{ ref('int_events_validated') }}
    where loaded_at > {{ since }} and reject_reason is null
    union
    select visitor_id, {{ slot_number('event_at') }} as slot
    from {{ ref('int_event_copies') }}
    where decided_at > {{ since }}
    union
    select visitor_id, slot from {{ ref('int_rebuilt_rows') }}
    where visitor_id is not null and slot is not null
    union
    select visitor_id, {{ slot_number('event_at') }} as slot
    from {{ ref('int_events_validated') }}
    where reject_reason is null and event_key in (select event_key from {{ ref('int_rebuilt_rows') }})
{% endmacro %}
