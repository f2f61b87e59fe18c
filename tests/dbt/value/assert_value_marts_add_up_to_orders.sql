{{ config(meta={'dagster': {'ref': {'name': 'rpt_cohort_value'}}}) }}

-- Revenue and margin of every mart of value are those of all orders, to the cent.
with

orders as (

    select
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_order_values') }}

),

marts as (

    select
        'fct_customer_rfm' as mart,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_customer_rfm') }}
    union all
    select
        'rpt_cohort_value' as mart,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_cohort_value') }}
    {% if target.type == 'duckdb' %}
    union all
    select
        'rpt_channel_value' as mart,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_channel_value') }}
    union all
    select
        'rpt_segments' as mart,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_segments') }}
    {% endif %}

)

select
    marts.mart,
    marts.net_revenue,
    orders.net_revenue as order_net_revenue
from marts
cross join orders
where
    coalesce(marts.net_revenue, 0) <> coalesce(orders.net_revenue, 0)
    or coalesce(marts.gross_margin, 0) <> coalesce(orders.gross_margin, 0)
