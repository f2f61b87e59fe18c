select
    product_id,
    cast(stock_date as date) as stock_date,
    cast(units as integer) as units
from {{ source('shop', 'stock') }}
