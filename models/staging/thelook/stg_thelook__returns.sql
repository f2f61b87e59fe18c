select
    'return-' || cast(id as {{ dbt.type_string() }}) as return_id,
    cast(id as {{ dbt.type_string() }}) as order_item_id,
    cast(returned_at as {{ timestamp_type() }}) as returned_at,
    1 as quantity,
    cast(sale_price as decimal(18, 2)) as refund
from {{ source('thelook', 'order_items') }}
where status = 'Returned'
