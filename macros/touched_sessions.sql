{#- The ids of sessions with a slot that is touched or beside a touched one.

    relation: int_session_slots, before or after it is brought up to date
    since: an SQL timestamp, the watermark
    touched: what touched_bounds gives for it -#}
{% macro touched_sessions(relation, since, touched) %}
    select held.session_id
    from {{ relation }} as held
    inner join (
        select touched.visitor_id, touched.slot + shifts.shift as slot
        from ({{ touched_slots(since) }}) as touched
        cross join (select -1 as shift union all select 0 as shift union all select 1 as shift) as shifts
    ) as beside
        on held.visitor_id = beside.visitor_id and held.slot = beside.slot
    where held.slot >= {{ touched.first - 1 }} and held.slot <= {{ touched.last + 1 }}
{% endmacro %}
