{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        incremental_strategy='delete+insert',
        unique_key=['source', 'event_id'],
    )
}}

with

arrived as (

    select * from {{ ref('int_events_unioned') }}
    where loaded_at > {{ watermark(this) }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

ruled as (

    select
        arrived.*,
        case
            when arrived.event_id is null or trim(arrived.event_id) = '' then 'no_event_id'
            when arrived.visitor_id is null or trim(arrived.visitor_id) = '' then 'no_visitor_id'
            when arrived.event_at is null then 'unreadable_time'
            when arrived.event_at > {{ add_hours('arrived.received_at', var('max_future_hours')) }}
                then 'time_in_future'
            when event_types.event_type is null then 'unknown_event_type'
            when arrived.unreadable_field is not null then 'unreadable_' || arrived.unreadable_field
            when arrived.unit_price < 0 then 'negative_price'
            when arrived.quantity < 0 then 'negative_quantity'
            when event_types.requires_order and arrived.order_id is null then 'order_without_id'
            when event_types.requires_product and arrived.product_id is null then 'no_product_id'
        end as reject_reason
    from arrived
    left join event_types on arrived.event_type = event_types.event_type

),

-- A new copy can be the earlier received one: rows judged before, of the same ids, compete again.
competing as (

    select * from ruled

    {% if is_incremental() %}
    union all

    select
        {{ event_columns('judged') }},
        judged.reject_reason
    from {{ this }} as judged
    inner join (
        select distinct source, event_id from ruled
    ) as reopened
        on judged.source = reopened.source and judged.event_id = reopened.event_id
    {% endif %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, event_id, reject_reason is null
            order by received_at, loaded_at, content_hash, batch_id, line_number
        ) as arrival_rank
    from competing

),

final as (

    select
        {{ event_columns('ranked') }},
        reject_reason,
        case
            when reject_reason is not null then 'rejected'
            when arrival_rank = 1 then 'accepted'
            else 'duplicated'
        end as verdict
    from ranked

)

select * from final
