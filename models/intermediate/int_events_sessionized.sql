-- depends_on: {{ ref('int_events_judged') }}
{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_visitors(this) }}",
    )
}}

with

events as (

    select
        {{ event_columns('accepted') }}
    from {{ ref('int_events_accepted') }} as accepted
    {% if is_incremental() %}
    where accepted.visitor_id in ({{ touched_visitors(watermark(this)) }})
    {% endif %}

),

-- Each event beside the one before it.
lagged as (

    select
        *,
        lag(event_at) over (partition by visitor_id order by event_at, source, event_id) as previous_event_at
    from events

),

-- A gap longer than the timeout begins a session.
marked as (

    select
        *,
        case
            when previous_event_at is null then 1
            when
                {{ epoch_us('event_at') }} - {{ epoch_us('previous_event_at') }}
                > {{ var('session_timeout_minutes') }} * 60000000 then 1
            else 0
        end as is_session_start
    from lagged

),

-- The running number serves only to group: it changes when a late event comes in.
numbered as (

    select
        *,
        sum(is_session_start) over (
            partition by visitor_id
            order by event_at, source, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from marked

),

-- The id hangs on the first event, which no event before or after this session can change.
named as (

    select
        *,
        md5(visitor_id || '|' || first_value(event_id) over (
            partition by visitor_id, session_number
            order by event_at, source, event_id
            rows between unbounded preceding and unbounded following
        )) as session_id
    from numbered

),

final as (

    select
        {{ event_columns('named') }},
        session_id
    from named

)

select * from final
