{{
    config(
        materialized='incremental',
        meta={'day': 'slot'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ forget_slots(this) }}",
        post_hook="{{ keep_watermark(this) }}",
    )
}}
{%- set since = watermark(this) %}
{%- set touched = touched_bounds(since) %}

with

events as (

    select
        *,
        {{ slot_number('event_at') }} as slot,
        {{ event_order('event_at', 'event_id') }} as event_order
    from {{ ref('int_events_accepted') }}
    {% if is_incremental() %}
    where event_at >= {{ slot_start(touched.first) }} and event_at < {{ slot_start(touched.last + 1) }}
    {% endif %}

),

{% if is_incremental() %}
touched as (
    {{ touched_slots(since) }}
),
{% endif %}

event_types as (

    select event_type, funnel_step from {{ ref('event_types') }}

),

final as (

    select
        events.visitor_id,
        events.slot,
        min(events.source) as source,
        min(events.event_at) as first_event_at,
        max(events.event_at) as last_event_at,
        {{ first_by('events.event_id', 'events.event_order') }} as first_event_id,
        count(*) as event_count,
        cast(sum(case when events.event_type = 'page_viewed' then 1 else 0 end) as bigint) as page_view_count,
        cast(sum(case when event_types.funnel_step = 'view' then 1 else 0 end) as bigint) as product_view_count,
        cast(sum(case when event_types.funnel_step = 'cart' then 1 else 0 end) as bigint) as cart_event_count,
        cast(sum(case when event_types.funnel_step = 'checkout' then 1 else 0 end) as bigint) as checkout_event_count,
        cast(sum(case when event_types.funnel_step = 'order' then 1 else 0 end) as bigint) as order_event_count,
        {{ first_by('events.page_path', 'events.event_order') }} as entry_page_path,
        {{ first_by('events.referrer', 'events.event_order') }} as referrer,
        {{ first_by('events.utm_source', 'events.event_order') }} as utm_source,
        {{ first_by('events.utm_medium', 'events.event_order') }} as utm_medium,
        {{ first_by('events.utm_campaign', 'events.event_order') }} as utm_campaign,
        {{ first_by('events.device_type', 'events.event_order') }} as device_type,
        {{ first_by('events.user_agent', 'events.event_order') }} as user_agent,
        {{ first_by('events.country', 'events.event_order') }} as country,
        max(events.loaded_at) as loaded_at
    from events
    left join event_types on events.event_type = event_types.event_type
    {% if is_incremental() %}
    inner join touched on events.visitor_id = touched.visitor_id and events.slot = touched.slot
    {% endif %}
    group by events.visitor_id, events.slot

)

select * from final
{{ laid_out_by('slot') }}
