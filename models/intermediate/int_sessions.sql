-- depends_on: {{ ref('int_sessions_retired') }}
{{
    config(
        materialized='incremental',
        meta={'day': 'started_at'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_sessions(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set touched = touched_bounds(watermark(this)) %}
{%- set earliest = earliest_session_slot(ref('int_session_slots'), touched) %}

with

-- What the hook took out, and what is new: the sessions that are not there.
session_slots as (

    select held.*
    from {{ ref('int_session_slots') }} as held
    {% if is_incremental() %}
    left join {{ kept(this) }} as known
        on
            held.session_id = known.session_id
            and known.started_at >= {{ slot_start(earliest) }}
            and known.started_at < {{ slot_start(touched.last + 2) }}
    where
        held.session_first_slot >= {{ earliest }}
        and held.session_first_slot <= {{ touched.last + 1 }}
        and known.session_id is null
    {% endif %}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

-- Slots follow one another in time, so the first slot that has a value has the first value.
summed as (

    select
        session_slots.session_id,
        session_slots.visitor_id,
        min(slots.source) as source,
        min(slots.first_event_at) as started_at,
        max(slots.last_event_at) as ended_at,
        cast(sum(slots.event_count) as bigint) as event_count,
        cast(sum(slots.page_view_count) as bigint) as page_view_count,
        cast(sum(slots.product_view_count) as bigint) as product_view_count,
        cast(sum(slots.cart_event_count) as bigint) as cart_event_count,
        cast(sum(slots.checkout_event_count) as bigint) as checkout_event_count,
        cast(sum(slots.order_event_count) as bigint) as order_event_count,
        {{ first_by('slots.entry_page_path', 'slots.slot') }} as entry_page_path,
        {{ first_by('slots.referrer', 'slots.slot') }} as referrer,
        {{ first_by('slots.utm_source', 'slots.slot') }} as utm_source,
        {{ first_by('slots.utm_medium', 'slots.slot') }} as utm_medium,
        {{ first_by('slots.utm_campaign', 'slots.slot') }} as utm_campaign,
        {{ first_by('slots.device_type', 'slots.slot') }} as device_type,
        {{ first_by('slots.user_agent', 'slots.slot') }} as user_agent,
        {{ first_by('slots.country', 'slots.slot') }} as country,
        max(slots.loaded_at) as loaded_at
    from session_slots
    inner join {{ ref('int_visitor_slots') }} as slots
        on session_slots.visitor_id = slots.visitor_id and session_slots.slot = slots.slot
    {% if is_incremental() %}
    where slots.slot >= {{ earliest }}
    {% endif %}
    group by session_slots.session_id, session_slots.visitor_id

),

declared as (

    select
        agents.user_agent,
        min(bot_user_agents.pattern) as pattern
    from (select distinct user_agent from summed where user_agent is not null) as agents
    inner join bot_user_agents
        on lower(agents.user_agent) like '%' || bot_user_agents.pattern || '%'
    group by agents.user_agent

),

final as (

    select
        summed.session_id,
        summed.visitor_id,
        summed.source,
        summed.started_at,
        summed.ended_at,
        summed.event_count,
        summed.page_view_count,
        summed.product_view_count,
        summed.cart_event_count,
        summed.checkout_event_count,
        summed.order_event_count,
        summed.entry_page_path,
        summed.referrer,
        summed.utm_source,
        summed.utm_medium,
        summed.utm_campaign,
        summed.device_type,
        summed.country,
        case
            when declared.pattern is not null then 'declared: ' || declared.pattern
            when
                summed.event_count >= {{ var('bot_burst_events') }}
                and summed.event_count * 60000000.0
                >= {{ var('bot_burst_events_per_minute') }}
                * ({{ epoch_us('summed.ended_at') }} - {{ epoch_us('summed.started_at') }})
                then 'burst'
        end as bot_rule,
        summed.loaded_at
    from summed
    left join declared on summed.user_agent = declared.user_agent

)

select * from final
{{ laid_out_by('started_at') }}
