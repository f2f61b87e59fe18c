select
    order_id,
    customer_id,
    cast(ordered_at as {{ timestamp_type() }}) as ordered_at,
    lower(status) as status,
    cast(discount as decimal(18, 2)) as discount,
    cast(shipping as decimal(18, 2)) as shipping,
    cast(tax as decimal(18, 2)) as tax,
    currency,
    'shop' as source
from {{ source('shop', 'orders') }}
