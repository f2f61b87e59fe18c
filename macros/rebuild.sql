{#- Recomputing a window of event time from raw (`trasos rebuild`), without moving the watermark.

    rebuilding: whether this run is one; the vars rebuild_from and rebuild_to say so.
    in_rebuild_window: whether a row lies in the window, by its event's time, or by its receipt where
      that cannot be read.
    begin_rebuild: pre-hook of int_events_validated; notes the rows to do again, as they are and as
      they will be, and takes out the old ones. A row whose raw file is no longer landed stays.
    note_rebuilt: post-hook; notes where the rows are now.
    finish_rebuild: operation; forgets the notes. -#}
{% macro rebuilding() %}{{ return(var('rebuild_from', none) is not none and var('rebuild_to', none) is not none) }}{% endmacro %}

{% macro in_rebuild_window(relation) -%}
    coalesce({{ relation }}.event_at, {{ relation }}.received_at) >= {{ timestamp_literal(var('rebuild_from')) }}
    and coalesce({{ relation }}.event_at, {{ relation }}.received_at) < {{ timestamp_literal(var('rebuild_to')) }}
{%- endmacro %}

{% macro same_address(one, other) -%}
    {{ one }}.source = {{ other }}.source
    and {{ one }}.batch_id = {{ other }}.batch_id
    and {{ one }}.line_number = {{ other }}.line_number
{%- endmacro %}

{% macro note_rows(rows) %}
    insert into {{ ref('int_rebuilt_rows') }}
    select
        rows.source,
        rows.batch_id,
        rows.line_number,
        rows.event_key,
        rows.visitor_id,
        {{ slot_number('rows.event_at') }} as slot
    from ({{ rows }}) as rows
{% endmacro %}

{% macro begin_rebuild(relation) %}
    {%- set noted = ref('int_rebuilt_rows') -%}
    {%- set raw = ref('int_events_unioned') -%}
    {%- if is_incremental() and rebuilding() -%}
        {%- if target.type == 'spark' -%}
            {{ exceptions.raise_compiler_error("Spark rebuilds no window yet: build with --full-refresh instead.") }}
        {%- endif -%}
        {%- set known -%}
            select held.* from {{ relation }} as held
            where {{ in_rebuild_window('held') }}
            and exists (select 1 from {{ raw }} as raw where raw.source = held.source and raw.batch_id = held.batch_id)
        {%- endset -%}
        {%- set fresh -%}
            select raw.*, {{ event_key('raw.event_id') }} as event_key from {{ raw }} as raw
            where {{ in_rebuild_window('raw') }} and raw.loaded_at <= {{ newest_load(relation) }}
        {%- endset -%}
        {{ note_rows(known) }};
        {{ note_rows(fresh) }};
        {# A row that comes into the window from outside leaves another slot. #}
        {%- set moved -%}
            select held.* from {{ relation }} as held
            inner join (select distinct source, batch_id, line_number from {{ noted }}) as noted
                on {{ same_address('held', 'noted') }}
        {%- endset -%}
        {{ note_rows(moved) }};
        delete from {{ relation }}
        where exists (select 1 from {{ noted }} as noted where {{ same_address('noted', relation.identifier) }})
    {%- endif -%}
{% endmacro %}

{% macro note_rebuilt(relation) %}
    {%- set noted = ref('int_rebuilt_rows') -%}
    {%- if is_incremental() and rebuilding() -%}
        {%- set again -%}
            select held.* from {{ relation }} as held
            inner join (select distinct source, batch_id, line_number from {{ noted }}) as noted
                on {{ same_address('held', 'noted') }}
        {%- endset -%}
        {{ note_rows(again) }}
    {%- endif -%}
{% endmacro %}

{% macro finish_rebuild() %}
    {%- do run_query('delete from ' ~ ref('int_rebuilt_rows')) -%}
{% endmacro %}
