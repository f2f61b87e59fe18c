{{ config(enabled=target.type == 'duckdb') }}

with

members as (

    select * from {{ ref('dim_customer_segments') }}

),

ltv as (

    select * from {{ ref('fct_customer_ltv') }}

),

summed as (

    select
        members.segment_name,
        max(members.as_of_date) as as_of_date,
        max(members.currency) as currency,
        count(*) as customer_count,
        sum(members.net_revenue) as net_revenue,
        sum(members.gross_margin) as gross_margin,
        avg(cast(members.order_day_count as double)) as mean_order_days,
        avg(cast(members.days_since_last_order as double)) as mean_days_since_last_order,
        avg(cast(members.session_count as double)) as mean_sessions,
        avg(cast(members.product_view_count as double)) as mean_product_views,
        {{ exact_sum('ltv.p_alive') }} / nullif(count(ltv.p_alive), 0) as mean_p_alive,
        sum(ltv.expected_margin) as expected_margin,
        max(members.segment_count) as segment_count,
        max(members.silhouette) as silhouette,
        max(members.status) as status
    from members
    left join ltv on members.person_id = ltv.person_id
    group by members.segment_name

),

final as (

    select
        segment_name,
        as_of_date,
        customer_count,
        cast(customer_count as double) / nullif(sum(cast(customer_count as double)) over (), 0) as customer_share,
        currency,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(net_revenue as double) / nullif(cast(sum(net_revenue) over () as double), 0) as net_revenue_share,
        cast(gross_margin as decimal(18, 2)) as gross_margin,
        mean_order_days,
        mean_days_since_last_order,
        mean_sessions,
        mean_product_views,
        mean_p_alive,
        cast(expected_margin as decimal(18, 2)) as expected_margin,
        segment_count,
        silhouette,
        status
    from summed

)

select * from final
