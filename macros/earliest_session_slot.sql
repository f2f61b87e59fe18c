{#- The first slot that a session with a slot in or beside a range of slots can have, as a number, for
    scans to skip by.

    relation: int_session_slots, before or after it is brought up to date
    touched: what touched_bounds gives -#}
{% macro earliest_session_slot(relation, touched) %}
    {%- if not execute or touched.last < touched.first -%}{{ return(touched.first) }}{%- endif -%}
    {%- set found = run_query(
        'select min(session_first_slot) as slot from ' ~ relation
        ~ ' where slot >= ' ~ (touched.first - 1) ~ ' and slot <= ' ~ (touched.last + 1)
    ).columns[0].values()[0] -%}
    {%- if found is none -%}{{ return(touched.first) }}{%- endif -%}
    {{ return([found | int, touched.first] | min) }}
{% endmacro %}
