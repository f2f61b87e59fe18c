select
    cast(spend_date as date) as spend_date,
    channel,
    campaign,
    cast(amount as decimal(18, 2)) as amount,
    currency,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    'shop' as source
from {{ source('shop', 'spend') }}
