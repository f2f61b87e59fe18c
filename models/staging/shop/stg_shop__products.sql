select
    product_id,
    product_name,
    lower(department) as department,
    lower(category) as category,
    brand,
    lower(colour) as colour,
    size_range,
    cast(price as decimal(18, 2)) as price,
    cast(cost as decimal(18, 2)) as cost,
    currency,
    cast(launched_at as {{ timestamp_type() }}) as launched_at
from {{ source('shop', 'products') }}
