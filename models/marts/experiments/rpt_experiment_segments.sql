{{ config(enabled=target.type == 'duckdb') }}

select
    experiment_id,
    metric,
    variation_id,
    segment,
    segment_value,
    status,
    cast(n_control as bigint) as n_control,
    cast(n_treatment as bigint) as n_treatment,
    cast(mean_control as double) as mean_control,
    cast(mean_treatment as double) as mean_treatment,
    cast(difference as double) as difference,
    cast(diff_low as double) as diff_low,
    cast(diff_high as double) as diff_high,
    cast(p_value as double) as p_value,
    cast(corrected_p_value as double) as corrected_p_value,
    cast(heterogeneity_p_value as double) as heterogeneity_p_value
from {{ ref('exp_segments') }}
