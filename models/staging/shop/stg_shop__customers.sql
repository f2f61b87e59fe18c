select
    customer_id,
    email as email_hash,
    cast(registered_at as {{ timestamp_type() }}) as registered_at,
    country,
    city,
    cast(null as {{ dbt.type_string() }}) as acquisition_source
from {{ source('shop', 'customers') }}
