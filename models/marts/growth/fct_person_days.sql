with

visits as (

    select
        person_id,
        session_date as activity_date,
        count(*) as session_count
    from {{ ref('fct_sessions') }}
    group by person_id, session_date

),

orders as (

    select
        person_id,
        order_date as activity_date,
        count(*) as order_count
    from {{ ref('fct_orders') }}
    group by person_id, order_date

),

final as (

    select
        coalesce(visits.person_id, orders.person_id) as person_id,
        coalesce(visits.activity_date, orders.activity_date) as activity_date,
        coalesce(visits.session_count, 0) as session_count,
        coalesce(orders.order_count, 0) as order_count
    from visits
    full outer join orders
        on visits.person_id = orders.person_id and visits.activity_date = orders.activity_date

)

select * from final
