with

orders as (

    select * from {{ ref('int_orders_unioned') }}

),

items as (

    select
        order_id,
        cast(sum(quantity) as integer) as item_count,
        cast(sum(gross_merchandise_value) as decimal(18, 2)) as gross_merchandise_value,
        cast(sum(refund) as decimal(18, 2)) as refund,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
    from {{ ref('fct_order_items') }}
    group by order_id

),

-- The visit in which the order was placed, where the tracker saw it.
placed as (

    select
        order_id,
        {{ first_by('session_id', 'event_at', 'event_id') }} as session_id
    from {{ ref('int_events_sessionized') }}
    where event_type = 'order_completed'
    group by order_id

),

final as (

    select
        orders.order_id,
        {{ buyer_id('orders.customer_id', 'orders.order_id') }} as person_id,
        orders.customer_id,
        placed.session_id,
        orders.ordered_at,
        cast(orders.ordered_at as date) as order_date,
        orders.status,
        orders.status = 'cancelled' as is_cancelled,
        row_number() over (
            partition by {{ buyer_id('orders.customer_id', 'orders.order_id') }}
            order by orders.ordered_at, orders.order_id
        ) = 1 as is_first_order,
        coalesce(items.item_count, 0) as item_count,
        cast(coalesce(items.gross_merchandise_value, 0) as decimal(18, 2)) as gross_merchandise_value,
        orders.discount,
        cast(coalesce(items.refund, 0) as decimal(18, 2)) as refund,
        cast(coalesce(items.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        cast(coalesce(items.gross_margin, 0) as decimal(18, 2)) as gross_margin,
        orders.shipping,
        orders.tax,
        orders.currency,
        orders.source
    from orders
    left join items on orders.order_id = items.order_id
    left join placed on orders.order_id = placed.order_id

)

select * from final
