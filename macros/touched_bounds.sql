{#- The first and the last touched slot, as numbers, for scans to skip by: {'first': …, 'last': …}.
    Where nothing is touched, last is before first, and both are far beyond any event, so
    that a range between them is empty, and one that only begins there as well.

    since: an SQL timestamp, the watermark of the table to bring up to date -#}
{% macro touched_bounds(since) %}
    {#- Written out before anything else: dbt learns here what the model depends on. -#}
    {%- set touched = touched_slots(since) -%}
    {%- set nothing = {'first': 100000000, 'last': 99999999} -%}
    {%- if not (execute and is_incremental()) -%}{{ return(nothing) }}{%- endif -%}
    {%- set found = run_query(
        'select min(slot) as first_slot, max(slot) as last_slot from (' ~ touched ~ ') as touched'
    ).rows[0] -%}
    {%- if found[0] is none -%}{{ return(nothing) }}{%- endif -%}
    {{ return({'first': found[0] | int, 'last': found[1] | int}) }}
{% endmacro %}
