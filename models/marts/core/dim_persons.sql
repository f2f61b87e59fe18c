with

customers as (

    select
        'customer:' || customer_id as person_id,
        customer_id,
        email_hash,
        registered_at,
        country,
        city,
        acquisition_source
    from {{ ref('int_customers_unioned') }}

),

visits as (

    select
        person_id,
        max(customer_id) as customer_id,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at,
        count(*) as session_count,
        count(distinct visitor_id) as device_count,
        {{ last_by('country', 'started_at', 'session_id') }} as country
    from {{ ref('fct_sessions') }}
    group by person_id

),

orders as (

    select
        person_id,
        max(customer_id) as customer_id,
        min(ordered_at) as first_ordered_at,
        max(ordered_at) as last_ordered_at,
        count(*) as order_count,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
    from {{ ref('fct_orders') }}
    group by person_id

),

persons as (

    select person_id from customers
    union
    select person_id from visits
    union
    select person_id from orders

),

newest as (

    select max(ended_at) as newest_at from {{ ref('fct_sessions') }}

),

final as (

    select
        persons.person_id,
        coalesce(customers.customer_id, visits.customer_id, orders.customer_id) as customer_id,
        customers.email_hash,
        customers.registered_at,
        coalesce(customers.country, visits.country) as country,
        customers.city,
        customers.acquisition_source,
        visits.first_seen_at,
        visits.last_seen_at,
        coalesce(visits.session_count, 0) as session_count,
        coalesce(visits.device_count, 0) as device_count,
        orders.first_ordered_at,
        orders.last_ordered_at,
        coalesce(orders.order_count, 0) as order_count,
        cast(coalesce(orders.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        cast(coalesce(orders.gross_margin, 0) as decimal(18, 2)) as gross_margin,
        orders.person_id is not null as is_customer,
        coalesce(
            {{ epoch_us('newest.newest_at') }} - {{ epoch_us('visits.last_seen_at') }}
            <= {{ var('active_days') }} * 86400000000,
            false
        ) as is_active
    from persons
    left join customers on persons.person_id = customers.person_id
    left join visits on persons.person_id = visits.person_id
    left join orders on persons.person_id = orders.person_id
    cross join newest

)

select * from final
