with

orders as (

    select * from {{ ref('fct_orders') }}

),

reporting as (

    select * from {{ ref('int_reporting_currency') }}

),

rates as (

    select * from {{ ref('exchange_rates') }}

),

-- The newest rate on the day of the order; none is wanted for the reporting currency itself.
rated as (

    select
        orders.order_id,
        {{ last_by('rates.rate', 'rates.valid_from', 'rates.rate') }} as rate
    from orders
    inner join rates on orders.currency = rates.currency and orders.order_date >= rates.valid_from
    group by orders.order_id

),

valued as (

    select
        orders.*,
        -- A guest is a person of one order, but the visit in which it was placed tells whose device it was.
        case
            when orders.person_id = 'order:' || orders.order_id then coalesce(sessions.person_id, orders.person_id)
            else orders.person_id
        end as visitor_person_id,
        reporting.currency as reporting_currency,
        case when orders.currency = reporting.currency then 1 else cast(rated.rate as decimal(18, 8)) end as rate
    from orders
    cross join reporting
    left join {{ ref('fct_sessions') }} as sessions on orders.session_id = sessions.session_id
    left join rated on orders.order_id = rated.order_id

),

final as (

    select
        orders.order_id,
        orders.person_id,
        orders.visitor_person_id,
        orders.session_id,
        orders.ordered_at,
        orders.order_date,
        {{ month_start('orders.order_date') }} as order_month,
        orders.is_cancelled,
        orders.is_first_order,
        orders.reporting_currency as currency,
        orders.currency as order_currency,
        cast(orders.net_revenue * orders.rate as decimal(18, 2)) as net_revenue,
        cast(orders.gross_margin * orders.rate as decimal(18, 2)) as gross_margin
    from valued as orders

)

select * from final
