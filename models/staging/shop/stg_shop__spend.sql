select
    cast(spend_date as date) as spend_date,
    channel,
    campaign,
    cast(amount as decimal(18, 2)) as amount,
    currency
from {{ source('shop', 'spend') }}
