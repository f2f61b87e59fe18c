{{ config(meta={'dagster': {'ref': {'name': 'rpt_sales_daily'}}}) }}

-- The net revenue of each mart that tells of all orders, by currency, to the cent.
with

orders as (

    select
        currency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_orders') }}
    group by currency

),

items as (

    select
        'fct_order_items' as mart,
        currency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_order_items') }}
    group by currency

),

sales as (

    select
        'rpt_sales_daily' as mart,
        currency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_sales_daily') }}
    group by currency

),

valued as (

    select
        currency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_order_values') }}
    group by currency

),

customers as (

    select
        'dim_customers' as mart,
        currency,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('dim_customers') }}
    group by currency

),

compared as (

    select
        told.mart,
        told.currency,
        told.net_revenue - coalesce(orders.net_revenue, 0) as net_revenue_off,
        told.gross_margin - coalesce(orders.gross_margin, 0) as gross_margin_off
    from (
        select * from items
        union all
        select * from sales
    ) as told
    left join orders on told.currency = orders.currency
    union all
    select
        customers.mart,
        customers.currency,
        customers.net_revenue - coalesce(valued.net_revenue, 0) as net_revenue_off,
        customers.gross_margin - coalesce(valued.gross_margin, 0) as gross_margin_off
    from customers
    left join valued on customers.currency = valued.currency

)

select * from compared
where net_revenue_off <> 0 or gross_margin_off <> 0
