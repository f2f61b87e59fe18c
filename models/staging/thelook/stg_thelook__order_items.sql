select
    cast(id as {{ dbt.type_string() }}) as order_item_id,
    cast(order_id as {{ dbt.type_string() }}) as order_id,
    cast(product_id as {{ dbt.type_string() }}) as product_id,
    1 as quantity,
    cast(sale_price as decimal(18, 2)) as unit_price,
    -- Not in the line: the product's cost stands in for it downstream.
    cast(null as decimal(18, 2)) as unit_cost
from {{ source('thelook', 'order_items') }}
