-- depends_on: {{ ref('int_rebuilt_rows') }}
{{
    config(
        materialized='incremental',
        meta={'day': 'decided_at'},
        on_schema_change='fail',
        incremental_strategy='delete+insert',
        unique_key='event_key',
        pre_hook="{{ forget_rebuilt_copies(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set since = watermark(this) %}

with

-- Keys that more than one row has: found by their numbers alone, which is most of the work saved.
repeated as (

    select event_key
    from {{ ref('int_events_validated') }}
    where reject_reason is null
    {% if is_incremental() %}
    and event_key in (
        select event_key from {{ ref('int_events_validated') }}
        where reject_reason is null and loaded_at > {{ since }}
        union all
        select event_key from {{ ref('int_rebuilt_rows') }}
    )
    {% endif %}
    group by event_key
    having count(*) > 1

),

candidates as (

    select
        validated.event_key,
        validated.source,
        validated.event_id,
        validated.visitor_id,
        validated.event_at,
        validated.received_at,
        validated.loaded_at,
        validated.content_hash,
        validated.batch_id,
        validated.line_number
    from {{ rows_of_keys(ref('int_events_validated'), 'event_key', 'repeated') }} as validated
    where validated.reject_reason is null

),

-- Two ids can share a number: whole ids decide.
ranked as (

    select
        *,
        row_number() over (
            partition by source, event_id
            order by received_at nulls last, loaded_at, content_hash nulls last, batch_id, line_number
        ) as arrival_rank,
        max(loaded_at) over (partition by source, event_id) as decided_at
    from candidates

),

final as (

    select
        event_key,
        source,
        batch_id,
        line_number,
        event_id,
        visitor_id,
        event_at,
        loaded_at,
        decided_at
    from ranked
    where arrival_rank > 1

)

select * from final
