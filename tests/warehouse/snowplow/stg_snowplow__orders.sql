select
    order_id,
    customer_id,
    ordered_at,
    'completed' as status,
    cast(discount + case when unexplained < 0 then -unexplained else 0 end as decimal(18, 2)) as discount,
    shipping,
    tax,
    currency,
    'snowplow' as source
from {{ ref('stg_snowplow__transactions') }}
