{{ config(enabled=target.type == 'duckdb', meta={'dagster': {'ref': {'name': 'rpt_cohort_forecasts'}}}) }}
-- An expected value lies within its interval, and a customer's probability within 0 to 1 beside it.
select
    series_id as subject,
    value
from {{ ref('rpt_cohort_forecasts') }}
where is_forecast and (value < value_low or value > value_high)
union all
select
    person_id as subject,
    ltv_margin as value
from {{ ref('fct_customer_ltv') }}
where
    expected_orders_low > expected_orders_high
    or expected_revenue_low > expected_revenue_high
    or ltv_margin_low > ltv_margin_high
