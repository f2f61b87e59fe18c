with

event_types as (

    select * from {{ ref('event_types') }}
    where interaction_weight is not null

),

sessions as (

    select session_id from {{ ref('fct_sessions') }}

),

identities as (

    select * from {{ ref('int_identities') }}

),

products as (

    select product_id from {{ ref('dim_products') }}

),

-- What people looked at, put into the cart, scrolled through.
acted as (

    select
        {{ person_id('identities.customer_id', 'events.visitor_id') }} as person_id,
        events.product_id,
        events.session_id,
        events.event_type,
        events.event_at,
        event_types.interaction_weight
    from {{ ref('int_events_sessionized') }} as events
    inner join sessions on events.session_id = sessions.session_id
    inner join event_types on events.event_type = event_types.event_type
    left join identities
        on
            events.visitor_id = identities.visitor_id
            and events.event_at >= identities.valid_from
            and events.event_at < identities.valid_to
    -- Purchases come from the order table below.
    where events.product_id is not null and events.event_type <> 'item_purchased'

),

-- What they bought: the order table is the truth of it.
ordered as (

    select
        items.person_id,
        items.product_id,
        coalesce(orders.session_id, 'order:' || items.order_id) as session_id,
        'item_purchased' as event_type,
        items.ordered_at as event_at,
        event_types.interaction_weight
    from {{ ref('fct_order_items') }} as items
    inner join {{ ref('fct_orders') }} as orders on items.order_id = orders.order_id
    inner join event_types on event_types.event_type = 'item_purchased'
    where items.status <> 'cancelled'

),

interactions as (

    select * from acted
    union all
    select * from ordered

),

final as (

    select
        interactions.person_id,
        interactions.product_id,
        interactions.session_id,
        interactions.event_type,
        interactions.event_at,
        cast(interactions.interaction_weight as double) as weight
    from interactions
    inner join products on interactions.product_id = products.product_id

)

select * from final
