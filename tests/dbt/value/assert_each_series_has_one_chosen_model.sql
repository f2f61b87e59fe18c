{{ config(enabled=target.type == 'duckdb', meta={'dagster': {'ref': {'name': 'rpt_cohort_forecasts'}}}) }}
-- Of each series that is forecast one model is chosen, and it forecasts.
select
    forecasts.series_id,
    count(distinct forecasts.model) as model_count
from {{ ref('rpt_cohort_forecasts') }} as forecasts
left join {{ ref('rpt_forecast_backtests') }} as chosen
    on forecasts.series_id = chosen.series_id and forecasts.model = chosen.model and chosen.is_chosen
where forecasts.is_forecast
group by forecasts.series_id
having count(distinct forecasts.model) <> 1 or count(chosen.model) <> count(*)
