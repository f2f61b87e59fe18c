{{ config(enabled=target.type == 'duckdb') }}

select
    experiment_id,
    check_name,
    status,
    cast(n_persons as bigint) as n_persons,
    cast(observed as double) as observed,
    cast(expected_low as double) as expected_low,
    cast(expected_high as double) as expected_high,
    cast(p_value as double) as p_value
from {{ ref('exp_checks') }}
