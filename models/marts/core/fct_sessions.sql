with

sessions as (

    select * from {{ ref('int_sessions') }}
    where bot_rule is null

),

identities as (

    select * from {{ ref('int_identities') }}

),

origins as (

    select * from {{ ref('int_origins_classified') }}

),

-- The person is joined when read: a login after months rewrites no session.
final as (

    select
        sessions.session_id,
        sessions.visitor_id,
        identities.customer_id,
        {{ person_id('identities.customer_id', 'sessions.visitor_id') }} as person_id,
        sessions.source,
        sessions.started_at,
        sessions.ended_at,
        cast(sessions.started_at as date) as session_date,
        cast(floor(({{ epoch_us('sessions.ended_at') }} - {{ epoch_us('sessions.started_at') }}) / 1000000.0) as bigint)
            as duration_seconds,
        sessions.event_count,
        sessions.page_view_count,
        sessions.product_view_count,
        sessions.cart_event_count,
        sessions.checkout_event_count,
        sessions.order_event_count,
        sessions.product_view_count > 0 as has_view,
        sessions.cart_event_count > 0 as has_cart,
        sessions.checkout_event_count > 0 as has_checkout,
        sessions.order_event_count > 0 as has_order,
        sessions.entry_page_path,
        sessions.referrer,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        origins.channel,
        origins.channel = 'direct' as is_direct,
        sessions.device_type,
        sessions.country
    from sessions
    left join identities
        on
            sessions.visitor_id = identities.visitor_id
            and sessions.ended_at >= identities.valid_from
            and sessions.ended_at < identities.valid_to
    inner join origins
        on
            lower(coalesce(sessions.utm_medium, '')) = origins.utm_medium
            and lower(coalesce(sessions.utm_source, '')) = origins.utm_source
            and {{ referrer_host('sessions.referrer') }} = origins.referrer_host

)

select * from final
