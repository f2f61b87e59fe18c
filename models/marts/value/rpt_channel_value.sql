{{ config(enabled=target.type == 'duckdb') }}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

ltv as (

    select * from {{ ref('fct_customer_ltv') }}

),

summed as (

    select
        customers.acquisition_month,
        customers.acquisition_channel,
        max(customers.currency) as currency,
        count(*) as customer_count,
        count(ltv.ltv_margin) as valued_customer_count,
        sum(customers.net_revenue) as net_revenue,
        sum(customers.gross_margin) as gross_margin,
        {{ exact_sum('ltv.expected_orders') }} as expected_orders,
        sum(ltv.expected_revenue) as expected_revenue,
        sum(ltv.expected_margin) as expected_margin,
        sum(ltv.ltv_margin) as ltv_margin,
        {{ exact_sum('ltv.p_alive') }} / nullif(count(ltv.p_alive), 0) as mean_p_alive
    from customers
    left join ltv on customers.person_id = ltv.person_id
    group by customers.acquisition_month, customers.acquisition_channel

),

final as (

    select
        acquisition_month,
        acquisition_channel,
        customer_count,
        valued_customer_count,
        currency,
        cast(net_revenue as decimal(18, 2)) as net_revenue,
        cast(gross_margin as decimal(18, 2)) as gross_margin,
        cast(gross_margin as double) / nullif(cast(net_revenue as double), 0) as gross_margin_rate,
        expected_orders,
        cast(expected_revenue as decimal(18, 2)) as expected_revenue,
        cast(expected_margin as decimal(18, 2)) as expected_margin,
        cast(ltv_margin as decimal(18, 2)) as ltv_margin,
        {{ money_per('ltv_margin', 'customer_count') }} as ltv_margin_per_customer,
        mean_p_alive,
        case
            when ltv_margin is null then 'no_forecast'
            when valued_customer_count < customer_count then 'some_only_cancelled'
            else 'complete'
        end as status
    from summed

)

select * from final
