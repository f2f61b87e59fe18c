select
    order_item_id,
    order_id,
    product_id,
    cast(quantity as integer) as quantity,
    cast(unit_price as decimal(18, 2)) as unit_price,
    cast(unit_cost as decimal(18, 2)) as unit_cost
from {{ source('shop', 'order_items') }}
