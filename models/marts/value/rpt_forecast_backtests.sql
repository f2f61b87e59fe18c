{{ config(enabled=target.type == 'duckdb') }}

select
    series_id,
    period,
    model,
    status,
    is_chosen,
    origin_count,
    forecast_count,
    mae,
    mase,
    rmsse,
    coverage_rate,
    widening as interval_widening
from {{ ref('val_series_forecasts') }}
where row_kind = 'backtest'
