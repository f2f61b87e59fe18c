{#- Pre-hook of int_sessions: takes out the sessions that can differ and those that are no more. The
    model then finds the sessions that are missing.

    relation: int_sessions itself -#}
{% macro forget_sessions(relation) %}
    {%- if is_incremental() -%}
        {%- set since = watermark(relation) -%}
        {%- set touched = touched_bounds(since) -%}
        {%- set held = ref('int_session_slots') -%}
        {%- set earliest = earliest_session_slot(held, touched) -%}
        {%- set rows -%}
            started_at >= {{ slot_start(earliest) }} and started_at < {{ slot_start(touched.last + 2) }}
            and (
                session_id in ({{ touched_sessions(held, since, touched) }})
                or session_id not in (select session_id from {{ held }} where slot >= {{ earliest }})
            )
        {%- endset -%}
        {{ forget(relation, rows) }}
    {%- endif -%}
{% endmacro %}
