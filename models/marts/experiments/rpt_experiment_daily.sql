{{ config(enabled=target.type == 'duckdb') }}

with

reporting as (

    select max(currency) as currency from {{ ref('int_reporting_currency') }}

)

select
    experiment_id,
    metric,
    case when metric in ('net_revenue', 'gross_margin') then reporting.currency end as currency,
    variation_id,
    cast(read_date as date) as read_date,
    cast(n_control as bigint) as n_control,
    cast(n_treatment as bigint) as n_treatment,
    cast(mean_control as double) as mean_control,
    cast(mean_treatment as double) as mean_treatment,
    cast(difference as double) as difference,
    cast(fixed_low as double) as fixed_low,
    cast(fixed_high as double) as fixed_high,
    cast(sequential_low as double) as sequential_low,
    cast(sequential_high as double) as sequential_high,
    cast(sequential_p_value as double) as sequential_p_value
from {{ ref('exp_daily') }}
cross join reporting
