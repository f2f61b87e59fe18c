with

transactions as (

    select * from {{ ref('stg_snowplow__transactions') }}

),

products as (

    {{ exploded_products('transactions', ['order_id'], 'properties', fields=['price', 'quantity']) }}

),

final as (

    select
        order_id || '-' || cast(row_number() over (
            partition by order_id order by position, product_id
        ) as {{ dbt.type_string() }}) as order_item_id,
        order_id,
        product_id,
        coalesce({{ whole_number('quantity') }}, 1) as quantity,
        coalesce({{ decimal_number('price', 2) }}, 0) as unit_price,
        cast(null as decimal(18, 2)) as unit_cost
    from products

    union all

    -- Paid, but for no product that was named.
    select
        order_id || '-0' as order_item_id,
        order_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        1 as quantity,
        unexplained as unit_price,
        cast(null as decimal(18, 2)) as unit_cost
    from transactions
    where unexplained > 0

)

select * from final
