{{ config(meta={'dagster': {'ref': {'name': 'rpt_retention_cohorts'}}}) }}

-- Every segmentation of the cohorts holds all money and all orders, to the cent.
with

orders as (

    select
        count(*) as order_count,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from {{ ref('fct_order_values') }}

),

cohorts as (

    select
        segmentation,
        cast(sum(order_count) as bigint) as order_count,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_retention_cohorts') }}
    group by segmentation

)

select cohorts.*
from cohorts
cross join orders
where
    cohorts.order_count <> orders.order_count
    or cohorts.net_revenue <> orders.net_revenue
    or cohorts.gross_margin <> orders.gross_margin
