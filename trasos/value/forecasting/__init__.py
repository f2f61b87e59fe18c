"""Forecasts of series: of the shop by week or month, of cohorts by age."""

from trasos.value.forecasting.series import Series, read_series
from trasos.value.forecasting.tables import forecast_rows

__all__ = ["Series", "forecast_rows", "read_series"]
