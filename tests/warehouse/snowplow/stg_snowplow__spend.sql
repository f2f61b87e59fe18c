-- Trackers know of no spend: it is kept in seeds/spend.csv or imported.
select
    cast(null as date) as spend_date,
    cast(null as {{ dbt.type_string() }}) as channel,
    cast(null as {{ dbt.type_string() }}) as campaign,
    cast(null as decimal(18, 2)) as amount,
    cast(null as {{ dbt.type_string() }}) as currency,
    cast(null as bigint) as impressions,
    cast(null as bigint) as clicks,
    'snowplow' as source
from {{ ref('stg_snowplow__products') }}
where false
