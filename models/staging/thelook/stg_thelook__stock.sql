-- The shop keeps no stock levels: each of its products can be ordered at any time.
select
    cast(id as {{ dbt.type_string() }}) as product_id,
    cast(null as date) as stock_date,
    cast(null as integer) as units
from {{ source('thelook', 'products') }}
where false
