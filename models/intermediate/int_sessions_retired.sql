-- depends_on: {{ ref('event_types') }}
-- Built before int_sessions, whose table still holds what the build before made of it.
{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        incremental_strategy='delete+insert',
        unique_key='session_id',
        full_refresh=false,
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set since = watermark(this) %}
{%- set touched = touched_bounds(since) %}
{%- set sessions = adapter.get_relation(this.database, this.schema, 'int_sessions') if execute else none %}

{% if is_incremental() and sessions is not none %}
{%- set earliest = earliest_session_slot(ref('int_session_slots'), touched) %}
select
    sessions.session_id,
    sessions.visitor_id,
    sessions.started_at,
    {{ since }} as retired_after
from {{ sessions }} as sessions
where
    sessions.started_at >= {{ slot_start(earliest) }} and sessions.started_at < {{ slot_start(touched.last + 2) }}
    and not exists (
        select 1 from {{ ref('int_session_slots') }} as held
        where held.session_id = sessions.session_id and held.slot >= {{ earliest }}
    )
{% else %}
select
    cast(null as {{ dbt.type_string() }}) as session_id,
    cast(null as {{ dbt.type_string() }}) as visitor_id,
    cast(null as {{ timestamp_type() }}) as started_at,
    cast(null as {{ timestamp_type() }}) as retired_after
from {{ ref('int_session_slots') }}
where 1 = 0
{% endif %}
