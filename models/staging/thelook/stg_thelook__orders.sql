select
    cast(order_id as {{ dbt.type_string() }}) as order_id,
    cast(user_id as {{ dbt.type_string() }}) as customer_id,
    cast(created_at as {{ timestamp_type() }}) as ordered_at,
    case lower(status) when 'complete' then 'completed' else lower(status) end as status,
    cast(0 as decimal(18, 2)) as discount,
    cast(0 as decimal(18, 2)) as shipping,
    cast(0 as decimal(18, 2)) as tax,
    'USD' as currency,
    'thelook' as source
from {{ source('thelook', 'orders') }}
