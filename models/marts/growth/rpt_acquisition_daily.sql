with

arrivals as (

    select
        person_id,
        min(session_date) as date_day,
        {{ first_by('channel', 'started_at', 'session_id') }} as channel
    from {{ ref('fct_sessions') }}
    group by person_id

),

visitors as (

    select
        date_day,
        channel,
        count(*) as new_person_count
    from arrivals
    group by date_day, channel

),

customers as (

    select
        customers.acquisition_date as date_day,
        customers.acquisition_channel as channel,
        count(*) as new_customer_count,
        sum(orders.net_revenue) as first_order_net_revenue
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('fct_order_values') }} as orders on customers.acquisition_order_id = orders.order_id
    group by customers.acquisition_date, customers.acquisition_channel

),

final as (

    select
        coalesce(visitors.date_day, customers.date_day) as date_day,
        coalesce(visitors.channel, customers.channel) as channel,
        coalesce(visitors.new_person_count, 0) as new_person_count,
        coalesce(customers.new_customer_count, 0) as new_customer_count,
        reporting.currency,
        cast(coalesce(customers.first_order_net_revenue, 0) as decimal(18, 2)) as first_order_net_revenue
    from visitors
    full outer join customers
        on visitors.date_day = customers.date_day and visitors.channel = customers.channel
    cross join {{ ref('int_reporting_currency') }} as reporting

)

select * from final
