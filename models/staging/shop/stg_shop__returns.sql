select
    return_id,
    order_item_id,
    cast(returned_at as {{ timestamp_type() }}) as returned_at,
    cast(quantity as integer) as quantity,
    cast(refund as decimal(18, 2)) as refund
from {{ source('shop', 'returns') }}
