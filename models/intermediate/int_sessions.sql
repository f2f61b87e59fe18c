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

    select *
    from {{ ref('int_events_sessionized') }}
    {% if is_incremental() %}
    where visitor_id in ({{ touched_visitors(watermark(this)) }})
    {% endif %}

),

event_types as (

    select * from {{ ref('event_types') }}

),

bot_user_agents as (

    select * from {{ ref('bot_user_agents') }}

),

summed as (

    select
        events.session_id,
        events.visitor_id,
        min(events.source) as source,
        min(events.event_at) as started_at,
        max(events.event_at) as ended_at,
        count(*) as event_count,
        cast(sum(case when events.event_type = 'page_viewed' then 1 else 0 end) as bigint) as page_view_count,
        cast(sum(case when event_types.funnel_step = 'view' then 1 else 0 end) as bigint) as product_view_count,
        cast(sum(case when event_types.funnel_step = 'cart' then 1 else 0 end) as bigint) as cart_event_count,
        cast(sum(case when event_types.funnel_step = 'checkout' then 1 else 0 end) as bigint) as checkout_event_count,
        cast(sum(case when event_types.funnel_step = 'order' then 1 else 0 end) as bigint) as order_event_count,
        {{ first_by('events.page_path', 'events.event_at', 'events.event_id') }} as entry_page_path,
        {{ first_by('events.referrer', 'events.event_at', 'events.event_id') }} as referrer,
        {{ first_by('events.utm_source', 'events.event_at', 'events.event_id') }} as utm_source,
        {{ first_by('events.utm_medium', 'events.event_at', 'events.event_id') }} as utm_medium,
        {{ first_by('events.utm_campaign', 'events.event_at', 'events.event_id') }} as utm_campaign,
        {{ first_by('events.device_type', 'events.event_at', 'events.event_id') }} as device_type,
        {{ first_by('events.user_agent', 'events.event_at', 'events.event_id') }} as user_agent,
        {{ first_by('events.country', 'events.event_at', 'events.event_id') }} as country,
        max(events.loaded_at) as loaded_at
    from events
    left join event_types on events.event_type = event_types.event_type
    group by events.session_id, events.visitor_id

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
