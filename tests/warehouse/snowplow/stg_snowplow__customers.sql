select
    customer_id,
    cast(null as {{ dbt.type_string() }}) as email_hash,
    cast(null as {{ timestamp_type() }}) as registered_at,
    {{ last_by('country', 'event_at', 'event_id') }} as country,
    cast(null as {{ dbt.type_string() }}) as city,
    cast(null as {{ dbt.type_string() }}) as acquisition_source
from {{ ref('stg_snowplow__events') }}
where customer_id is not null and event_at is not null
group by customer_id
