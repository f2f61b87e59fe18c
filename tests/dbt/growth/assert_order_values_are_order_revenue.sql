{{ config(meta={'dagster': {'ref': {'name': 'fct_order_values'}}}) }}

-- Orders in the currency of the reports are worth what fct_orders says, to the cent.
select orders.order_id
from {{ ref('fct_orders') }} as orders
left join {{ ref('fct_order_values') }} as valued on orders.order_id = valued.order_id
where
    valued.order_id is null
    or (valued.order_currency = valued.currency and valued.net_revenue <> orders.net_revenue)
    or (valued.order_currency = valued.currency and valued.gross_margin <> orders.gross_margin)
