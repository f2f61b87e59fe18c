{%- set property_paths = [
    '$.product_id', '$.order_id', '$.quantity', '$.price', '$.currency', '$.list_id', '$.position',
    '$.recommendation_id', '$.experiment_id', '$.variation_id'
] %}
{%- set context_paths = [
    '$.page.path', '$.page.referrer', '$.campaign.source', '$.campaign.medium', '$.campaign.name',
    '$.device.type', '$.userAgent', '$.country'
] %}

with

source as (

    select * from {{ source('shop', 'events') }}

),

-- The clock of a device is wrong by what separates its sending from our receipt.
timed as (

    select
        *,
        {{ valid_json('properties') }} as valid_properties,
        {{ valid_json('context') }} as valid_context,
        {{ parse_utc('original_timestamp') }} as original_at,
        {{ parse_utc('sent_at') }} as device_sent_at,
        {{ parse_utc('received_at') }} as server_received_at
    from source

),

-- Each object is read once for all that is wanted of it.
extracted as (

    select
        *,
        {{ json_texts('valid_properties', property_paths) }} as property,
        {{ json_texts('valid_context', context_paths) }} as setting
    from timed

),

renamed as (

    select
        message_id as event_id,
        case type
            when 'track' then lower(replace(event, ' ', '_'))
            when 'page' then 'page_viewed'
            when 'identify' then 'identified'
            else 'type ' || type
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
        {{ array_item('property', property_paths.index('$.product_id')) }} as product_id,
        {{ array_item('property', property_paths.index('$.order_id')) }} as order_id,
        {{ array_item('property', property_paths.index('$.quantity')) }} as quantity_text,
        {{ array_item('property', property_paths.index('$.price')) }} as price_text,
        {{ array_item('property', property_paths.index('$.currency')) }} as currency,
        {{ array_item('setting', context_paths.index('$.page.path')) }} as page_path,
        {{ array_item('setting', context_paths.index('$.page.referrer')) }} as referrer,
        {{ array_item('setting', context_paths.index('$.campaign.source')) }} as utm_source,
        {{ array_item('setting', context_paths.index('$.campaign.medium')) }} as utm_medium,
        {{ array_item('setting', context_paths.index('$.campaign.name')) }} as utm_campaign,
        {{ array_item('setting', context_paths.index('$.device.type')) }} as device_type,
        {{ array_item('setting', context_paths.index('$.userAgent')) }} as user_agent,
        {{ array_item('setting', context_paths.index('$.country')) }} as country,
        {{ array_item('property', property_paths.index('$.list_id')) }} as list_id,
        {{ array_item('property', property_paths.index('$.position')) }} as position_text,
        {{ array_item('property', property_paths.index('$.recommendation_id')) }} as recommendation_id,
        case
            when event = 'Experiment Viewed' then
                '{"' || {{ array_item('property', property_paths.index('$.experiment_id')) }}
                || '":"' || {{ array_item('property', property_paths.index('$.variation_id')) }} || '"}'
        end as experiment_assignments,
        valid_properties as properties,
        (properties is not null and valid_properties is null)
        or (context is not null and valid_context is null) as has_unreadable_json,
        'shop' as source,
        _batch_id as batch_id,
        _line_number as line_number,
        _content_hash as content_hash
    from extracted

),

final as (

    select
        event_id,
        event_type,
        -- Two clocks that are both off by decades correct a third to nonsense.
        case
            when
                event_at >= {{ timestamp_literal('2000-01-01 00:00:00') }}
                and event_at < {{ timestamp_literal('2100-01-01 00:00:00') }}
                then event_at
        end as event_at,
        received_at,
        loaded_at,
        visitor_id,
        customer_id,
        product_id,
        order_id,
        {{ whole_number('quantity_text') }} as quantity,
        {{ decimal_number('price_text', 2) }} as unit_price,
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
        {{ whole_number('position_text') }} as position,
        recommendation_id,
        experiment_assignments,
        properties,
        source,
        case
            when has_unreadable_json then 'json'
            when quantity_text is not null and {{ whole_number('quantity_text') }} is null then 'quantity'
            when price_text is not null and {{ decimal_number('price_text', 2) }} is null then 'unit_price'
            when position_text is not null and {{ whole_number('position_text') }} is null then 'position'
        end as unreadable_field,
        batch_id,
        line_number,
        content_hash
    from renamed

)

select * from final
