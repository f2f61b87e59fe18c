with

products as (

    select * from {{ ref('int_products_unioned') }}

),

stock as (

    select * from {{ ref('int_stock_unioned') }}

),

latest_stock as (

    select
        product_id,
        {{ last_by('units', 'stock_date', 'units') }} as units_in_stock
    from stock
    group by product_id

),

final as (

    select
        products.product_id,
        coalesce(products.product_name, 'product ' || products.product_id) as product_name,
        products.department,
        products.category,
        products.brand,
        products.colour,
        products.size_range,
        products.price,
        products.cost,
        products.currency,
        products.launched_at,
        latest_stock.units_in_stock,
        -- A shop that keeps no stock levels sells all that it lists.
        coalesce(latest_stock.units_in_stock, 1) > 0 as is_on_sale
    from products
    left join latest_stock on products.product_id = latest_stock.product_id

)

select * from final
