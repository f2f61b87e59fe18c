-- The catalogue as its products were last seen in events.
with

events as (

    select * from {{ ref('stg_snowplow__events') }}
    where event_at is not null and event_type not like 'app %'

),

seen as (

    {{ exploded_products(
        'events', ['event_at', 'event_id'], 'properties',
        fields=['name', 'category', 'brand', 'size', 'list_price', 'price', 'currency']
    ) }}

),

final as (

    select
        product_id,
        {{ last_by('name', 'event_at', 'event_id') }} as product_name,
        cast(null as {{ dbt.type_string() }}) as department,
        lower({{ last_by('category', 'event_at', 'event_id') }}) as category,
        {{ last_by('brand', 'event_at', 'event_id') }} as brand,
        cast(null as {{ dbt.type_string() }}) as colour,
        {{ last_by('size', 'event_at', 'event_id') }} as size_range,
        {{ decimal_number(last_by('coalesce(list_price, price)', 'event_at', 'event_id'), 2) }} as price,
        cast(null as decimal(18, 2)) as cost,
        {{ last_by('currency', 'event_at', 'event_id') }} as currency,
        cast(null as {{ timestamp_type() }}) as launched_at
    from seen
    group by product_id

)

select * from final
