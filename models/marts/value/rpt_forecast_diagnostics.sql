{{ config(enabled=target.type == 'duckdb') }}

select
    series_id,
    period,
    test,
    model,
    statistic,
    p_value,
    lag_count,
    n,
    verdict
from {{ ref('val_series_forecasts') }}
where row_kind = 'diagnostic'
