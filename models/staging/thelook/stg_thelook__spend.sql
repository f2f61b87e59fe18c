-- The shop does not say what its advertising cost.
select
    cast(null as date) as spend_date,
    cast(null as {{ dbt.type_string() }}) as channel,
    cast(null as {{ dbt.type_string() }}) as campaign,
    cast(null as decimal(18, 2)) as amount,
    cast(null as {{ dbt.type_string() }}) as currency,
    cast(null as bigint) as impressions,
    cast(null as bigint) as clicks,
    'thelook' as source
from {{ source('thelook', 'products') }}
where false
