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

in_cents as (

    select
        *,
        cast(floor(discount * 100) as bigint) as discount_cents,
        cast(floor(gross_merchandise_value * 100) as bigint) as value_cents
    from priced

),

running as (

    select
        *,
        cast(sum(value_cents) over (
            partition by order_id order by order_item_id nulls last
            rows between unbounded preceding and current row
        ) as bigint) as cents_up_to_here,
        cast(sum(value_cents) over (partition by order_id) as bigint) as order_cents
    from in_cents

),

-- An order's discount is shared out by value: each line gets what the running share grows by, in whole
-- cents, so that none is lost. Whole numbers, since engines divide decimals each in its own way.
discounted as (

    select
        *,
        cast(case
            when order_cents > 0
                then
                    {{ whole_quotient('discount_cents * cents_up_to_here', 'order_cents') }}
                    - {{ whole_quotient('discount_cents * (cents_up_to_here - value_cents)', 'order_cents') }}
            else 0
        end * 0.01 as decimal(18, 2)) as discount_share
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
        discount_share as discount,
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
