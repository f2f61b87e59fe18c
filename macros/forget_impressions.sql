{#- Pre-hook of int_impressions: takes out the touched visitors' impressions whose outcome can differ.

    relation: int_impressions itself -#}
{% macro forget_impressions(relation) %}
    {%- if is_incremental() -%}
        {%- set since = watermark(relation) -%}
        {%- set touched = touched_bounds(since) -%}
        {%- set rows -%}
            slot >= {{ touched.first - outcome_slots() }} and slot <= {{ touched.last }}
            and impression_id in (
                select shown.impression_id
                from {{ relation }} as shown
                inner join ({{ touched_visitors(since) }}) as touched on shown.visitor_id = touched.visitor_id
                where
                    shown.slot >= {{ touched.first - outcome_slots() }} and shown.slot <= {{ touched.last }}
                    and shown.slot >= touched.first_slot - {{ outcome_slots() }}
                    and shown.slot <= touched.last_slot
            )
        {%- endset -%}
        {{ forget(relation, rows) }}
    {%- endif -%}
{% endmacro %}
