{#- A mart whose revenue or margin is not that of all orders, to the cent -#}
{% test adds_up_to_orders(model) %}
with

mart as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from {{ model }}

),

orders as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from {{ ref('fct_order_values') }}

)

select
    mart.net_revenue,
    mart.gross_margin,
    orders.net_revenue as order_net_revenue,
    orders.gross_margin as order_gross_margin
from mart
cross join orders
where
    mart.net_revenue <> orders.net_revenue
    or mart.gross_margin <> orders.gross_margin
{% endtest %}
