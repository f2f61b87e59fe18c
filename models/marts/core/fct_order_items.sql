with

orders as (

    select * from {{ ref('int_orders_unioned') }}

),

items as (

    select * from {{ ref('int_order_items_unioned') }}

),

returned as (

    select
        order_item_id,
        cast(sum(quantity) as integer) as returned_quantity,
        cast(sum(refund) as decimal(18, 2)) as refund
    from {{ ref('int_returns_unioned') }}
    group by order_item_id

),

products as (

    select * from {{ ref('dim_products') }}

),

priced as (

    select
        items.order_item_id,
        items.order_id,
        orders.customer_id,
        items.product_id,
        products.department,
        products.category,
        orders.ordered_at,
        orders.status,
        orders.currency,
        orders.discount,
        items.quantity,
        items.unit_price,
        coalesce(items.unit_cost, products.cost, 0) as unit_cost,
        cast(items.quantity * items.unit_price as decimal(18, 2)) as gross_merchandise_value,
        coalesce(returned.returned_quantity, 0) as returned_quantity,
        coalesce(returned.refund, 0) as refund
    from items
    inner join orders on items.order_id = orders.order_id
    left join returned on items.order_item_id = returned.order_item_id
    left join products on items.product_id = products.product_id

),

running as (

    select
        *,
        sum(gross_merchandise_value) over (
            partition by order_id order by order_item_id
            rows between unbounded preceding and current row
        ) as value_up_to_here,
        sum(gross_merchandise_value) over (partition by order_id) as order_value
    from priced

),

-- An order's discount is shared out by value; rounding the running share loses no cent.
discounted as (

    select
        *,
        case
            when order_value > 0
                then
                    round(discount * value_up_to_here / order_value, 2)
                    - round(discount * (value_up_to_here - gross_merchandise_value) / order_value, 2)
            else 0
        end as discount_share
    from running

),

final as (

    select
        order_item_id,
        order_id,
        {{ buyer_id('customer_id', 'order_id') }} as person_id,
        product_id,
        department,
        category,
        ordered_at,
        cast(ordered_at as date) as order_date,
        status,
        currency,
        quantity,
        returned_quantity,
        unit_price,
        cast(unit_cost as decimal(18, 2)) as unit_cost,
        gross_merchandise_value,
        cast(discount_share as decimal(18, 2)) as discount,
        cast(refund as decimal(18, 2)) as refund,
        cast(
            case when status = 'cancelled' then 0 else gross_merchandise_value - discount_share - refund end
            as decimal(18, 2)
        ) as net_revenue,
        cast(
            case
                when status = 'cancelled' then 0
                else gross_merchandise_value - discount_share - refund - (quantity - returned_quantity) * unit_cost
            end
            as decimal(18, 2)
        ) as gross_margin
    from discounted

)

select * from final
