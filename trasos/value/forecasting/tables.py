"""Forecasts, back-tests and diagnostics of all series as the rows of one table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from trasos.value.forecasting import diagnostics
from trasos.value.forecasting.backtest import MODELS, back_test, choose, forecast
from trasos.value.forecasting.diagnostics import Finding
from trasos.value.forecasting.forecast import Forecast, Unfit
from trasos.value.forecasting.series import Series
from trasos.value.params import ForecastParams

ROWS = pa.schema(
    [
        pa.field("row_kind", pa.string(), nullable=False),
        pa.field("series_id", pa.string(), nullable=False),
        pa.field("status", pa.string()),
        pa.field("model", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("period", pa.string()),
        pa.field("period_start_date", pa.date32()),
        pa.field("is_forecast", pa.bool_()),
        pa.field("step", pa.int32()),
        pa.field("value", pa.float64()),
        pa.field("value_low", pa.float64()),
        pa.field("value_high", pa.float64()),
        pa.field("naive_value", pa.float64()),
        pa.field("origin_count", pa.int32()),
        pa.field("forecast_count", pa.int32()),
        pa.field("mae", pa.float64()),
        pa.field("mase", pa.float64()),
        pa.field("rmsse", pa.float64()),
        pa.field("coverage_rate", pa.float64()),
        pa.field("widening", pa.float64()),
        pa.field("is_chosen", pa.bool_()),
        pa.field("test", pa.string()),
        pa.field("statistic", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("lag_count", pa.int32()),
        pa.field("n", pa.int32()),
        pa.field("verdict", pa.string()),
    ]
)
"""Three kinds of row: ``forecast`` (what was, step 0, and what is expected, step 1 on),
``backtest`` (one a series and model) and ``diagnostic`` (one a series and test); columns of other
kinds are null."""


def forecast_rows(series: list[Series], params: ForecastParams) -> pa.Table:
    """Back-test every model on every series, and forecast with the best.

    Args:
        series: as ``read_series`` gives them.
        params: horizons, origins, the level of intervals.

    Returns:
        ``pyarrow.Table``: ``ROWS``, by series.
    """
    rows = [row for each in series for row in _of_series(each, params)]
    names = ROWS.names
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], ROWS.field(name).type) for name in names},
        schema=ROWS,
    )


def _of_series(series: Series, params: ForecastParams) -> list[dict[str, Any]]:
    values = series.values
    findings = diagnostics.of_series(values)
    shared: dict[str, Any] = {"series_id": series.series_id, "period": series.period}
    if len(values) < params.min_periods:
        return [*_past(series, "too_short"), *_diagnosed(shared, "too_short", None, findings)]
    tests = [back_test(series, name, params) for name in MODELS]
    chosen, said = _forecast(series, choose(tests, params.min_gain), params)
    widening = next(test.widening for test in tests if test.model == chosen)
    # What cannot be below 0 stays there: the floor is laid anew under wider intervals.
    said = said.widened(widening)
    said = said.not_below(0.0) if values.min() >= 0 else said
    naive = forecast(series, "naive", values, params.horizon, params)
    status = "constant" if np.ptp(values) == 0 else "forecast"
    findings.append(diagnostics.of_residuals(said.residuals, said.fitted_parameters))
    ahead = [
        shared
        | {
            "row_kind": "forecast",
            "status": status,
            "model": chosen,
            "detail": said.detail or None,
            "period_start_date": series.start(len(values) + step),
            "is_forecast": True,
            "step": step + 1,
            "value": float(said.mean[step]),
            "value_low": float(said.low[step]),
            "value_high": float(said.high[step]),
            "naive_value": float(naive.mean[step]),
        }
        for step in range(params.horizon)
    ]
    tested = [
        shared
        | {
            "row_kind": "backtest",
            "status": test.status,
            "model": test.model,
            "origin_count": test.origins,
            "forecast_count": test.forecasts,
            "mae": _known(test.mae),
            "mase": _known(test.mase),
            "rmsse": _known(test.rmsse),
            "coverage_rate": _known(test.coverage),
            "widening": test.widening if test.status == "tested" else None,
            "is_chosen": test.model == chosen,
        }
        for test in tests
    ]
    return [*_past(series, status), *ahead, *tested, *_diagnosed(shared, status, chosen, findings)]


def _forecast(series: Series, chosen: str, params: ForecastParams) -> tuple[str, Forecast]:
    """Of the chosen model; of the naive one where it no longer fits the whole series."""
    try:
        return chosen, forecast(series, chosen, series.values, params.horizon, params)
    except Unfit:
        return "naive", forecast(series, "naive", series.values, params.horizon, params)


def _past(series: Series, status: str) -> list[dict[str, Any]]:
    return [
        {
            "row_kind": "forecast",
            "series_id": series.series_id,
            "period": series.period,
            "status": status,
            "period_start_date": series.start(place),
            "is_forecast": False,
            "step": 0,
            "value": value,
        }
        for place, value in enumerate(series.values.tolist())
    ]


def _diagnosed(
    shared: dict[str, Any], status: str, model: str | None, findings: list[Finding]
) -> list[dict[str, Any]]:
    return [
        shared
        | {
            "row_kind": "diagnostic",
            "status": status,
            "model": model if found.test == "ljung_box" else None,
            "test": found.test,
            "statistic": _known(found.statistic),
            "p_value": _known(found.p_value),
            "lag_count": found.lags,
            "n": found.n,
            "verdict": found.verdict,
        }
        for found in findings
    ]


def _known(number: float) -> float | None:
    return number if np.isfinite(number) else None
