{#- Pre-hook of the tables that are kept day by day of sessions' beginnings: takes out the days from
    the first to the last that a session that can differ may begin on.

    relation: the model's table, with session_date -#}
{% macro forget_days(relation) %}
    {%- if is_incremental() -%}
        {%- set touched = touched_bounds(watermark(relation)) -%}
        {%- set rows -%}
            {{ touched.last }} >= {{ touched.first }}
            and session_date >= cast({{ slot_start(earliest_session_slot(ref('int_session_slots'), touched)) }} as date)
            and session_date <= cast({{ slot_start(touched.last + 1) }} as date)
        {%- endset -%}
        {{ forget(relation, rows) }}
    {%- endif -%}
{% endmacro %}
