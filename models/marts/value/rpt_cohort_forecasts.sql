{{ config(enabled=target.type == 'duckdb') }}

with

forecasts as (

    select * from {{ ref('val_series_forecasts') }}
    where row_kind = 'forecast'

),

series as (

    select distinct
        series_id,
        metric,
        period,
        is_cohort,
        cohort_start_date,
        currency
    from {{ ref('fct_value_series') }}

),

final as (

    select
        forecasts.series_id,
        series.metric,
        series.is_cohort,
        series.cohort_start_date,
        forecasts.period,
        forecasts.period_start_date,
        forecasts.is_forecast,
        forecasts.step,
        forecasts.model,
        forecasts.detail,
        forecasts.status,
        series.currency,
        forecasts.value,
        forecasts.value_low,
        forecasts.value_high,
        forecasts.naive_value
    from forecasts
    inner join series on forecasts.series_id = series.series_id and forecasts.period = series.period

)

select * from final
