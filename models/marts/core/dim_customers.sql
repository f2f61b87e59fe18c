with

orders as (

    select * from {{ ref('fct_order_values') }}

),

acquired as (

    select * from orders
    where is_first_order

),

-- What the first order was of: the line of most worth.
lines as (

    select
        order_id,
        category,
        row_number() over (
            partition by order_id order by gross_merchandise_value desc nulls last, order_item_id asc
        ) as place
    from {{ ref('fct_order_items') }}

),

-- Visits that may have brought the first order: those of the days before it, a guest's by the device.
visits as (

    select
        acquired.person_id,
        {{ last_by(
            "case when sessions.is_direct then null else sessions.channel end", 'sessions.started_at', 'sessions.session_id'
        ) }} as channel
    from acquired
    inner join {{ ref('fct_sessions') }} as sessions
        on
            acquired.visitor_person_id = sessions.person_id
            and acquired.ordered_at >= sessions.started_at
            and acquired.ordered_at <= {{ add_hours('sessions.started_at', 24 * var('attribution_lookback_days')) }}
    group by acquired.person_id

),

summed as (

    select
        person_id,
        count(*) as order_count,
        max(ordered_at) as last_ordered_at,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
    from orders
    group by person_id

),

final as (

    select
        acquired.person_id,
        persons.customer_id,
        acquired.ordered_at as acquired_at,
        acquired.order_date as acquisition_date,
        acquired.order_month as acquisition_month,
        acquired.order_id as acquisition_order_id,
        case
            when visits.person_id is null then 'unknown'
            else coalesce(visits.channel, 'direct')
        end as acquisition_channel,
        coalesce(persons.country, 'unknown') as country,
        coalesce(persons.city, 'unknown') as city,
        coalesce(lines.category, 'unknown') as first_category,
        summed.order_count,
        summed.last_ordered_at,
        acquired.currency,
        summed.net_revenue,
        summed.gross_margin
    from acquired
    inner join summed on acquired.person_id = summed.person_id
    left join {{ ref('dim_persons') }} as persons on acquired.person_id = persons.person_id
    left join lines on acquired.order_id = lines.order_id and lines.place = 1
    left join visits on acquired.person_id = visits.person_id

)

select * from final
