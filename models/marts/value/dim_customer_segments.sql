{{ config(enabled=target.type == 'duckdb') }}

with

members as (

    select * from {{ ref('val_segment_members') }}

),

customers as (

    select * from {{ ref('fct_customer_rfm') }}

),

final as (

    select
        members.person_id,
        customers.as_of_date,
        members.segment_name,
        members.centroid_distance,
        cast(members.days_since_last_order as bigint) as days_since_last_order,
        cast(members.order_day_count as bigint) as order_day_count,
        cast(members.session_count as bigint) as session_count,
        cast(members.view_count as bigint) as product_view_count,
        customers.currency,
        customers.net_revenue,
        customers.gross_margin,
        members.segment_count,
        members.silhouette,
        members.status
    from members
    inner join customers on members.person_id = customers.person_id

)

select * from final
