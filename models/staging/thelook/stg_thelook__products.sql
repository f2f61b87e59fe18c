select
    cast(id as {{ dbt.type_string() }}) as product_id,
    name as product_name,
    lower(department) as department,
    lower(category) as category,
    brand,
    cast(null as {{ dbt.type_string() }}) as colour,
    cast(null as {{ dbt.type_string() }}) as size_range,
    cast(retail_price as decimal(18, 2)) as price,
    cast(cost as decimal(18, 2)) as cost,
    'USD' as currency,
    cast(null as {{ timestamp_type() }}) as launched_at
from {{ source('thelook', 'products') }}
