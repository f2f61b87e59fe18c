-- depends_on: {{ ref('int_rebuilt_rows') }}
{{
    config(
        materialized='incremental',
        meta={'day': 'loaded_at'},
        on_schema_change='fail',
        incremental_strategy='append',
        pre_hook="{{ begin_rebuild(this) }}",
        post_hook="{{ note_rebuilt(this) }}",
    )
}}

with

arrived as (

    select raw.*
    from {{ ref('int_events_unioned') }} as raw
    {% if is_incremental() and rebuilding() %}
    inner join (select distinct source, batch_id, line_number from {{ ref('int_rebuilt_rows') }}) as noted
        on {{ same_address('raw', 'noted') }}
    {% elif is_incremental() %}
    where raw.loaded_at > {{ newest_load(this) }}
    {% endif %}

),

event_types as (

    select * from {{ ref('event_types') }}

),

final as (

    select
        {{ event_columns('arrived') }},
        {{ event_key('arrived.event_id') }} as event_key,
        case
            when {{ is_blank('arrived.event_id') }} then 'no_event_id'
            when {{ is_blank('arrived.visitor_id') }} then 'no_visitor_id'
            when arrived.event_at is null then 'unreadable_time'
            when arrived.event_at > {{ add_hours('arrived.received_at', var('max_future_hours')) }}
                then 'time_in_future'
            when event_types.event_type is null then 'unknown_event_type'
            when arrived.unreadable_field is not null then 'unreadable_' || arrived.unreadable_field
            when arrived.unit_price < 0 then 'negative_price'
            when arrived.quantity < 0 then 'negative_quantity'
            when event_types.requires_order and {{ is_blank('arrived.order_id') }} then 'order_without_id'
            when event_types.requires_product and {{ is_blank('arrived.product_id') }} then 'no_product_id'
        end as reject_reason
    from arrived
    left join event_types on arrived.event_type = event_types.event_type

)

select * from final
