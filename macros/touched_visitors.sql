{#- Visitors whose sessions can differ since a moment of loading: those of each event id that
    came in later. A newly come copy can take the place of one accepted before, under another
    visitor even, so every row of such an id counts, whatever became of it.

    since: an SQL timestamp, the watermark of the table to bring up to date -#}
{% macro touched_visitors(since) %}
    select distinct judged.visitor_id
    from {{ ref('int_events_judged') }} as judged
    inner join (
        select distinct source, event_id
        from {{ ref('int_events_judged') }}
        where loaded_at > {{ since }}
    ) as arrived
        on judged.source = arrived.source and judged.event_id = arrived.event_id
    where judged.visitor_id is not null
{% endmacro %}
