{{ config(enabled=target.type == 'duckdb') }}

with

forecasts as (

    select * from {{ ref('val_customer_values') }}

),

customers as (

    select * from {{ ref('fct_customer_rfm') }}

),

final as (

    select
        forecasts.person_id,
        customers.as_of_date,
        cast({{ var('ltv_horizon_days') }} as integer) as horizon_days,
        forecasts.order_model,
        forecasts.order_status,
        forecasts.value_model,
        forecasts.value_status,
        forecasts.is_extrapolated,
        forecasts.p_alive,
        forecasts.expected_orders,
        forecasts.expected_orders_low,
        forecasts.expected_orders_high,
        customers.currency,
        cast(forecasts.expected_order_value as decimal(18, 2)) as expected_order_value,
        cast(forecasts.expected_revenue as decimal(18, 2)) as expected_revenue,
        cast(forecasts.expected_revenue_low as decimal(18, 2)) as expected_revenue_low,
        cast(forecasts.expected_revenue_high as decimal(18, 2)) as expected_revenue_high,
        cast(forecasts.expected_margin as decimal(18, 2)) as expected_margin,
        cast(forecasts.expected_margin_low as decimal(18, 2)) as expected_margin_low,
        cast(forecasts.expected_margin_high as decimal(18, 2)) as expected_margin_high,
        cast(forecasts.ltv_margin as decimal(18, 2)) as ltv_margin,
        cast(forecasts.ltv_margin_low as decimal(18, 2)) as ltv_margin_low,
        cast(forecasts.ltv_margin_high as decimal(18, 2)) as ltv_margin_high
    from forecasts
    inner join customers on forecasts.person_id = customers.person_id

)

select * from final
