select
    cast(id as {{ dbt.type_string() }}) as customer_id,
    email as email_hash,
    cast(created_at as {{ timestamp_type() }}) as registered_at,
    country,
    city,
    lower(traffic_source) as acquisition_source
from {{ source('thelook', 'users') }}
