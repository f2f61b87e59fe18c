{#- Pre-hook of the tables that are kept slot by slot: takes the touched slots out, in the
    transaction in which the model then puts them in anew. A delete by the keys that come in
    would leave behind a slot that has no event left.

    relation: the model's table, with visitor_id and slot -#}
{% macro forget_slots(relation) %}
    {%- if is_incremental() -%}
        {%- set since = watermark(relation) -%}
        {%- set touched = touched_bounds(since) -%}
        {%- set rows -%}
            slot >= {{ touched.first }} and slot <= {{ touched.last }}
            and (visitor_id, slot) in ({{ touched_slots(since) }})
        {%- endset -%}
        {{ forget(relation, rows) }}
    {%- endif -%}
{% endmacro %}
