{{ config(enabled=target.type == 'duckdb') }}

with

reporting as (

    select max(currency) as currency from {{ ref('int_reporting_currency') }}

)

select
    compared.experiment_id,
    compared.metric,
    case when compared.metric in ('net_revenue', 'gross_margin') then reporting.currency end as currency,
    compared.role,
    compared.direction,
    compared.control_variation_id,
    compared.variation_id,
    compared.status,
    compared.decision,
    cast(compared.n_control as bigint) as n_control,
    cast(compared.n_treatment as bigint) as n_treatment,
    cast(compared.mean_control as double) as mean_control,
    cast(compared.mean_treatment as double) as mean_treatment,
    compared.method,
    cast(compared.confidence_level as double) as confidence_level,
    cast(compared.difference as double) as difference,
    cast(compared.diff_low as double) as diff_low,
    cast(compared.diff_high as double) as diff_high,
    cast(compared.p_value as double) as p_value,
    compared.verdict,
    cast(compared.lift as double) as lift,
    cast(compared.lift_low as double) as lift_low,
    cast(compared.lift_high as double) as lift_high,
    cast(compared.detectable_difference as double) as detectable_difference,
    cast(compared.cuped_difference as double) as cuped_difference,
    cast(compared.cuped_low as double) as cuped_low,
    cast(compared.cuped_high as double) as cuped_high,
    cast(compared.cuped_p_value as double) as cuped_p_value,
    cast(compared.variance_reduction_rate as double) as variance_reduction_rate,
    cast(compared.sequential_low as double) as sequential_low,
    cast(compared.sequential_high as double) as sequential_high,
    cast(compared.sequential_p_value as double) as sequential_p_value,
    compared.sequential_verdict,
    cast(compared.margin_share as double) as margin_share,
    cast(compared.guard_rail_p_value as double) as guard_rail_p_value
from {{ ref('exp_readouts') }} as compared
cross join reporting
