{#- Pre-hook of int_session_slots: takes out every slot of the sessions that can differ, those with a
    slot that is touched or beside a touched one. The model then finds the slots that no session
    holds.

    relation: int_session_slots itself -#}
{% macro forget_session_slots(relation) %}
    {%- if is_incremental() -%}
        {%- set since = watermark(relation) -%}
        {%- set touched = touched_bounds(since) -%}
        {%- set rows -%}
            slot >= {{ earliest_session_slot(relation, touched) }}
            and session_id in ({{ touched_sessions(relation, since, touched) }})
        {%- endset -%}
        {{ forget(relation, rows) }}
    {%- endif -%}
{% endmacro %}
