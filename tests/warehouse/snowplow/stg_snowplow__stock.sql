-- Trackers know of no stock levels: each product that they have seen can be ordered.
select
    product_id,
    cast(null as date) as stock_date,
    cast(null as integer) as units
from {{ ref('stg_snowplow__products') }}
where false
