{{ config(enabled=target.type == 'duckdb') }}

select
    model,
    figure,
    value,
    value_low,
    value_high,
    n_customers,
    status
from {{ ref('val_model_checks') }}
