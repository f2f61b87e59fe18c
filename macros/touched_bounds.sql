{#- The first and the last touched slot, as numbers, for scans to skip by: {'first': …, 'last': …}.
    Where nothing is touched, last is before first, and a range between them is empty.

    since: an SQL timestamp, the watermark of the table to bring up to date -#}
{% macro touched_bounds(since) %}
    {#- Written out before anything else: dbt learns here what the model depends on. -#}
    {%- set touched = touched_slots(since) -%}
    {%- if not (execute and is_incremental()) -%}{{ return({'first': 0, 'last': -1}) }}{%- endif -%}
    {%- set found = run_query(
        'select min(slot) as first_slot, max(slot) as last_slot from (' ~ touched ~ ') as touched'
    ).rows[0] -%}
    {%- if found[0] is none -%}{{ return({'first': 0, 'last': -1}) }}{%- endif -%}
    {{ return({'first': found[0] | int, 'last': found[1] | int}) }}
{% endmacro %}
