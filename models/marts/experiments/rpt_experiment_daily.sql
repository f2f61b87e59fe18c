{{ config(enabled=target.type == 'duckdb') }}

with

reporting as (

    select max(currency) as currency from {{ ref('int_reporting_currency') }}

)

select
    days.experiment_id,
    days.metric,
    case when days.metric in ('net_revenue', 'gross_margin') then reporting.currency end as currency,
    days.variation_id,
    cast(days.read_date as date) as read_date,
    cast(days.n_control as bigint) as n_control,
    cast(days.n_treatment as bigint) as n_treatment,
    cast(days.mean_control as double) as mean_control,
    cast(days.mean_treatment as double) as mean_treatment,
    cast(days.difference as double) as difference,
    cast(days.fixed_low as double) as fixed_low,
    cast(days.fixed_high as double) as fixed_high,
    cast(days.sequential_low as double) as sequential_low,
    cast(days.sequential_high as double) as sequential_high,
    cast(days.sequential_p_value as double) as sequential_p_value
from {{ ref('exp_daily') }} as days
cross join reporting
