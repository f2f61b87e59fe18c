with

source as (

    select * from {{ source('shop', 'events') }}

),

-- The clock of a device is wrong by what separates its sending from our receipt.
timed as (

    select
        *,
        {{ parse_utc('original_timestamp') }} as original_at,
        {{ parse_utc('sent_at') }} as device_sent_at,
        {{ parse_utc('received_at') }} as server_received_at
    from source

),

renamed as (

    select
        message_id as event_id,
        case type
            when 'track' then lower(replace(event, ' ', '_'))
            when 'page' then 'page_viewed'
            when 'identify' then 'identified'
            else type
        end as event_type,
        case
            when device_sent_at is null or server_received_at is null then original_at
            else {{ timestamp_from_us(
                epoch_us('server_received_at') ~ ' - (' ~ epoch_us('device_sent_at') ~ ' - ' ~ epoch_us('original_at') ~ ')'
            ) }}
        end as event_at,
        coalesce(server_received_at, _loaded_at) as received_at,
        _loaded_at as loaded_at,
        anonymous_id as visitor_id,
        user_id as customer_id,
        {{ json_text('properties', '$.product_id') }} as product_id,
        {{ json_text('properties', '$.order_id') }} as order_id,
        {{ json_text('properties', '$.quantity') }} as quantity_text,
        {{ json_text('properties', '$.price') }} as price_text,
        {{ json_text('properties', '$.currency') }} as currency,
        {{ json_text('context', '$.page.path') }} as page_path,
        {{ json_text('context', '$.page.referrer') }} as referrer,
        {{ json_text('context', '$.campaign.source') }} as utm_source,
        {{ json_text('context', '$.campaign.medium') }} as utm_medium,
        {{ json_text('context', '$.campaign.name') }} as utm_campaign,
        {{ json_text('context', '$.device.type') }} as device_type,
        {{ json_text('context', '$.userAgent') }} as user_agent,
        {{ json_text('context', '$.country') }} as country,
        {{ json_text('properties', '$.list_id') }} as list_id,
        {{ json_text('properties', '$.position') }} as position_text,
        {{ json_text('properties', '$.recommendation_id') }} as recommendation_id,
        case
            when event = 'Experiment Viewed' then
                '{"' || {{ json_text('properties', '$.experiment_id') }}
                || '":"' || {{ json_text('properties', '$.variation_id') }} || '"}'
        end as experiment_assignments,
        properties,
        'shop' as source,
        _batch_id as batch_id,
        _line_number as line_number,
        _content_hash as content_hash
    from timed

),

final as (

    select
        event_id,
        event_type,
        event_at,
        received_at,
        loaded_at,
        visitor_id,
        customer_id,
        product_id,
        order_id,
        try_cast(quantity_text as integer) as quantity,
        try_cast(price_text as decimal(18, 2)) as unit_price,
        currency,
        page_path,
        referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        device_type,
        user_agent,
        country,
        list_id,
        try_cast(position_text as integer) as position,
        recommendation_id,
        experiment_assignments,
        properties,
        source,
        case
            when quantity_text is not null and try_cast(quantity_text as integer) is null then 'quantity'
            when price_text is not null and try_cast(price_text as decimal(18, 2)) is null then 'unit_price'
            when position_text is not null and try_cast(position_text as integer) is null then 'position'
        end as unreadable_field,
        batch_id,
        line_number,
        content_hash
    from renamed

)

select * from final
