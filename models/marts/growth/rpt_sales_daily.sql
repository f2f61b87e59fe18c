with

items as (

    select * from {{ ref('fct_order_items') }}

),

final as (

    select
        order_date,
        coalesce(department, 'unknown') as department,
        coalesce(category, 'unknown') as category,
        currency,
        count(distinct order_id) as order_count,
        cast(sum(quantity) as bigint) as unit_count,
        cast(sum(gross_merchandise_value) as decimal(18, 2)) as gross_merchandise_value,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(gross_margin) as decimal(18, 2)) as gross_margin
    from items
    group by order_date, coalesce(department, 'unknown'), coalesce(category, 'unknown'), currency

)

select * from final
