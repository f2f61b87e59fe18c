{{ config(enabled=target.type == 'duckdb') }}

with

reporting as (

    select max(currency) as currency from {{ ref('int_reporting_currency') }}

)

select
    experiment_id,
    metric,
    case when metric in ('net_revenue', 'gross_margin') then reporting.currency end as currency,
    role,
    direction,
    control_variation_id,
    variation_id,
    status,
    decision,
    cast(n_control as bigint) as n_control,
    cast(n_treatment as bigint) as n_treatment,
    cast(mean_control as double) as mean_control,
    cast(mean_treatment as double) as mean_treatment,
    method,
    cast(confidence_level as double) as confidence_level,
    cast(difference as double) as difference,
    cast(diff_low as double) as diff_low,
    cast(diff_high as double) as diff_high,
    cast(p_value as double) as p_value,
    verdict,
    cast(lift as double) as lift,
    cast(lift_low as double) as lift_low,
    cast(lift_high as double) as lift_high,
    cast(detectable_difference as double) as detectable_difference,
    cast(cuped_difference as double) as cuped_difference,
    cast(cuped_low as double) as cuped_low,
    cast(cuped_high as double) as cuped_high,
    cast(cuped_p_value as double) as cuped_p_value,
    cast(variance_reduction_rate as double) as variance_reduction_rate,
    cast(sequential_low as double) as sequential_low,
    cast(sequential_high as double) as sequential_high,
    cast(sequential_p_value as double) as sequential_p_value,
    sequential_verdict,
    cast(margin_share as double) as margin_share,
    cast(guard_rail_p_value as double) as guard_rail_p_value
from {{ ref('exp_readouts') }}
cross join reporting
