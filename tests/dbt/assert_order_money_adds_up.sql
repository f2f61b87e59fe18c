{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

-- To the cent: what the order says and what its lines say.
select orders.order_id, orders.gross_merchandise_value, orders.discount, orders.refund, orders.net_revenue
from {{ ref('fct_orders') }} as orders
where
    not orders.is_cancelled
    and orders.net_revenue <> orders.gross_merchandise_value - orders.discount - orders.refund
