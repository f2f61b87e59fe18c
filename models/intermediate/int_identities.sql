with

corrections as (

    select * from {{ ref('identity_corrections') }}

),

-- What people have corrected: another customer, or nobody where none is given.
identified as (

    select
        seen.visitor_id,
        case when corrections.visitor_id is null then seen.customer_id else corrections.corrected_customer_id end
            as customer_id,
        seen.event_at,
        seen.event_id
    from {{ ref('int_slot_customers') }} as seen
    left join corrections
        on seen.visitor_id = corrections.visitor_id and seen.customer_id = corrections.customer_id

),

owners as (

    select
        visitor_id,
        min(customer_id) as customer_id,
        min(customer_id) <> max(customer_id) as is_shared
    from identified
    where customer_id is not null
    group by visitor_id

),

-- Most devices are one person's: windows are for the others.
compared as (

    select
        identified.*,
        lag(identified.customer_id) over (
            partition by identified.visitor_id order by identified.event_at, identified.event_id
        ) as previous_customer_id
    from identified
    inner join owners on identified.visitor_id = owners.visitor_id
    where owners.is_shared and identified.customer_id is not null

),

-- One row for each change of hands of a device.
changed as (

    select visitor_id, customer_id, event_at, event_id, previous_customer_id
    from compared
    where previous_customer_id is null or previous_customer_id <> customer_id

),

final as (

    select
        visitor_id,
        customer_id,
        -- What came before any identification belongs to the first customer after it.
        case
            when previous_customer_id is null then {{ timestamp_literal('1970-01-01 00:00:00') }}
            else event_at
        end as valid_from,
        coalesce(
            lead(event_at) over (partition by visitor_id order by event_at, event_id),
            {{ timestamp_literal('9999-12-31 00:00:00') }}
        ) as valid_to
    from changed
    union all
    select
        visitor_id,
        customer_id,
        {{ timestamp_literal('1970-01-01 00:00:00') }} as valid_from,
        {{ timestamp_literal('9999-12-31 00:00:00') }} as valid_to
    from owners
    where not is_shared

)

select * from final
