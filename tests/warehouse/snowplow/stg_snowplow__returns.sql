-- A refund names neither the order nor its line: nothing can be taken off.
select
    order_item_id as return_id,
    order_item_id,
    cast(null as {{ timestamp_type() }}) as returned_at,
    quantity,
    cast(null as decimal(18, 2)) as refund
from {{ ref('stg_snowplow__order_items') }}
where false
