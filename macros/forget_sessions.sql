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
                -- Not "not in": Spark would hold each of ours against each of theirs, for the sake of NULL.
                or not exists (
                    select 1 from {{ held }} as held
                    where held.session_id = {{ relation.identifier }}.session_id and held.slot >= {{ earliest }}
                )
            )
        {%- endset -%}
        {{ forget(relation, rows) }}
    {%- endif -%}
{% endmacro %}
