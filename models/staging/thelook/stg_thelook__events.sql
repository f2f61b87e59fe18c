with

source as (

    select * from {{ source('thelook', 'events') }}

),

final as (

    select
        cast(id as {{ dbt.type_string() }}) as event_id,
        case event_type
            when 'home' then 'page_viewed'
            when 'department' then 'product_list_viewed'
            when 'product' then 'product_viewed'
            when 'cart' then 'cart_viewed'
            when 'cancel' then 'cart_abandoned'
            when 'purchase' then 'item_purchased'
            else event_type
        end as event_type,
        cast(created_at as {{ timestamp_type() }}) as event_at,
        cast(created_at as {{ timestamp_type() }}) as received_at,
        _loaded_at as loaded_at,
        -- The shop sets no cookie that outlives a visit: its visit is the only device we know.
        session_id as visitor_id,
        cast(user_id as {{ dbt.type_string() }}) as customer_id,
        case when event_type = 'product' then split_part(uri, '/', 3) end as product_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as integer) as quantity,
        cast(null as decimal(18, 2)) as unit_price,
        cast(null as {{ dbt.type_string() }}) as currency,
        uri as page_path,
        cast(null as {{ dbt.type_string() }}) as referrer,
        lower(traffic_source) as utm_source,
        cast(null as {{ dbt.type_string() }}) as utm_medium,
        cast(null as {{ dbt.type_string() }}) as utm_campaign,
        cast(null as {{ dbt.type_string() }}) as device_type,
        browser as user_agent,
        cast(null as {{ dbt.type_string() }}) as country,
        cast(null as {{ dbt.type_string() }}) as list_id,
        cast(null as integer) as position,
        cast(null as {{ dbt.type_string() }}) as recommendation_id,
        cast(null as {{ dbt.type_string() }}) as experiment_assignments,
        cast(null as {{ dbt.type_string() }}) as properties,
        'thelook' as source,
        cast(null as {{ dbt.type_string() }}) as unreadable_field,
        _batch_id as batch_id,
        _line_number as line_number,
        _content_hash as content_hash
    from source

)

select * from final
