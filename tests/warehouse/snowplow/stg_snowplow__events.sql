{%- set contexts = '$.contexts_com_snowplowanalytics_' -%}
{%- set action = '$.unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1_0_0' -%}
{%- set shop_apps = "'" ~ var('snowplow_app_ids') | join("', '") ~ "'" -%}

with

source as (

    select * from {{ source('snowplow', 'events') }}

),

extracted as (

    select
        *,
        {{ json_text('extra', '$.app_id') }} as app_id,
        {{ json_text('extra', '$.platform') }} as platform,
        {{ json_text('extra', action ~ '.type') }} as action_type,
        {{ json_text('extra', action ~ '.name') }} as action_name,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_product_1_0_0') }} as products,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_product_1_0_0[0].id') }} as product_id,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_product_1_0_0[0].price') }} as price_text,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_product_1_0_0[0].quantity') }} as quantity_text,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_product_1_0_0[0].currency') }} as currency,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_product_1_0_0[0].position') }} as position_text,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_transaction_1_0_0[0]') }} as transaction_json,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_transaction_1_0_0[0].transaction_id') }} as order_id,
        {{ json_text('extra', contexts ~ 'snowplow_ecommerce_user_1_0_0[0].id') }} as ecommerce_user_id,
        {{ json_text('extra', contexts ~ 'snowplow_client_session_1_0_1[0].userId') }} as mobile_user_id,
        {{ json_text('extra', contexts ~ 'mobile_screen_1_0_0[0].name') }} as screen_name
    from source

),

-- Other applications of the same collector are not the shop: their events are of no type it knows.
typed as (

    select
        *,
        case
            when app_id is null then 'app unknown'
            when app_id not in ({{ shop_apps }}) then 'app ' || app_id
            when action_type is null then 'action_unnamed'
            when action_type = 'list_view' then 'product_list_viewed'
            when action_type = 'list_click' then 'product_clicked'
            when action_type = 'product_view' then 'product_viewed'
            when action_type = 'add_to_cart' then 'product_added'
            when action_type = 'remove_from_cart' then 'product_removed'
            when action_type = 'checkout_step' then 'checkout_started'
            when action_type = 'transaction' then 'order_completed'
            when action_type = 'refund' then 'order_refunded'
            when action_type = 'promo_view' then 'promotion_viewed'
            when action_type = 'promo_click' then 'promotion_clicked'
            else 'action ' || action_type
        end as event_type,
        action_type in ('product_view', 'list_click', 'add_to_cart', 'remove_from_cart') as is_about_a_product
    from extracted

),

final as (

    select
        {{ json_text('extra', '$.event_id') }} as event_id,
        event_type,
        -- Snowplow has corrected the device's clock already, by the formula of the contract.
        {{ parse_utc(json_text('extra', '$.derived_tstamp')) }} as event_at,
        coalesce({{ parse_utc(json_text('extra', '$.collector_tstamp')) }}, _loaded_at) as received_at,
        _loaded_at as loaded_at,
        coalesce({{ json_text('extra', '$.domain_userid') }}, mobile_user_id) as visitor_id,
        coalesce({{ json_text('extra', '$.user_id') }}, ecommerce_user_id) as customer_id,
        -- Of an action on several products the first; all of them are in the properties.
        case when is_about_a_product then product_id end as product_id,
        case when event_type = 'order_completed' then order_id end as order_id,
        case when is_about_a_product then {{ whole_number('quantity_text') }} end as quantity,
        case when is_about_a_product then {{ decimal_number('price_text', 2) }} end as unit_price,
        case when is_about_a_product then currency end as currency,
        coalesce({{ json_text('extra', '$.page_urlpath') }}, screen_name) as page_path,
        {{ json_text('extra', '$.page_referrer') }} as referrer,
        {{ json_text('extra', '$.mkt_source') }} as utm_source,
        {{ json_text('extra', '$.mkt_medium') }} as utm_medium,
        {{ json_text('extra', '$.mkt_campaign') }} as utm_campaign,
        case when platform = 'mob' then 'mobile' end as device_type,
        {{ json_text('extra', '$.useragent') }} as user_agent,
        {{ json_text('extra', '$.geo_country') }} as country,
        case when action_type in ('list_view', 'list_click') then action_name end as list_id,
        case when is_about_a_product then {{ whole_number('position_text') }} end as position,
        cast(null as {{ dbt.type_string() }}) as recommendation_id,
        cast(null as {{ dbt.type_string() }}) as experiment_assignments,
        -- Landing writes JSON without white space, and a quote within a text is escaped: what is
        -- replaced here is the name of a product's key and nothing else.
        '{"products":' || coalesce(replace(products, '"id":', '"product_id":'), 'null')
        || ',"transaction":' || coalesce(transaction_json, 'null') || '}' as properties,
        'snowplow' as source,
        case
            when is_about_a_product and quantity_text is not null and {{ whole_number('quantity_text') }} is null
                then 'quantity'
            when is_about_a_product and price_text is not null and {{ decimal_number('price_text', 2) }} is null
                then 'unit_price'
            when is_about_a_product and position_text is not null and {{ whole_number('position_text') }} is null
                then 'position'
        end as unreadable_field,
        _batch_id as batch_id,
        _line_number as line_number,
        _content_hash as content_hash
    from typed

)

select * from final
