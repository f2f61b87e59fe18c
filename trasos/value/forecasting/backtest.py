"""Rolling origins: each model forecasts from the past what is known by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trasos.value.arrays import Doubles
from trasos.value.forecasting.arima import arima
from trasos.value.forecasting.attrition import attrition
from trasos.value.forecasting.forecast import Forecast, Model, Task, Unfit
from trasos.value.forecasting.naive import naive, seasonal_naive
from trasos.value.forecasting.regression import regression
from trasos.value.forecasting.series import Series
from trasos.value.params import ForecastParams

MODELS: Mapping[str, Model] = {
    "naive": naive,
    "seasonal_naive": seasonal_naive,
    "regression": regression,
    "attrition": attrition,
    "arima": arima,
}
"""From the simplest on: among equals the first is chosen."""

MIN_TRAINING = 5
MAX_WIDENING = 2.0


@dataclass(frozen=True)
class BackTest:
    """How a model did on one series.

    Attributes:
        model: its name.
        origins: how many pasts it forecast from.
        forecasts: values that it forecast, over all origins.
        mae: mean absolute error, in the unit of the series; nan where not tested.
        mase: mean absolute scaled error (Hyndman & Koehler 2006): the scale is the mean absolute
            step of the past; nan where the past never moved.
        rmsse: root mean squared scaled error (Makridakis et al. 2022, M5): the one chosen by,
            since money is added up, and squares are least at the mean.
        coverage: share of truths within the intervals.
        widening: what the intervals' halves are to be multiplied by so that they would have held
            their share of what came; from 1 (never narrower) to ``MAX_WIDENING``. Models know of
            their own noise, not that they are estimated, or the wrong ones.
        status: ``tested``, or why not: ``too_short``, ``not_applicable``, ``not_converged``,
            ``all_zero``, ``constant``.
    """

    model: str
    origins: int
    forecasts: int
    mae: float
    mase: float
    rmsse: float
    coverage: float
    widening: float
    status: str


def origins(length: int, params: ForecastParams) -> list[int]:
    """Lengths of the pasts that are tried, ascending: the last ones with their whole future."""
    last = length - params.backtest_horizon
    first = max(last - params.backtest_origins + 1, MIN_TRAINING)
    return list(range(first, last + 1))


def back_test(series: Series, name: str, params: ForecastParams) -> BackTest:
    """Try one model on one series; what cannot be tried at every origin is not compared."""
    values = series.values
    lengths = origins(len(values), params)
    if not lengths:
        return _untested(name, "too_short")
    memory: dict[str, object] = {}
    errors, steps, squares, inside, halves = [], [], [], [], []
    for length in lengths:
        past, truth = values[:length], values[length : length + params.backtest_horizon]
        try:
            said = forecast(series, name, past, params.backtest_horizon, params, memory)
        except Unfit as unfit:
            return _untested(name, str(unfit))
        errors.append(truth - said.mean)
        inside.append((truth >= said.low) & (truth <= said.high))
        halves.append(np.where(truth >= said.mean, said.high - said.mean, said.mean - said.low))
        moves = np.diff(past)
        steps.append(np.full(len(truth), np.mean(np.abs(moves))))
        squares.append(np.full(len(truth), np.mean(moves**2)))
    error, step, square = map(np.concatenate, (errors, steps, squares))
    moved = bool((step > 0).all())
    half = np.concatenate(halves)
    strays = np.divide(np.abs(error), half, out=np.where(error == 0, 0.0, np.inf), where=half > 0)
    needed = float(np.quantile(strays, params.interval_level, method="higher"))
    return BackTest(
        model=name,
        origins=len(lengths),
        forecasts=len(error),
        mae=float(np.mean(np.abs(error))),
        mase=float(np.mean(np.abs(error) / step)) if moved else float("nan"),
        rmsse=float(np.sqrt(np.mean(error**2 / square))) if moved else float("nan"),
        coverage=float(np.mean(np.concatenate(inside))),
        widening=min(max(needed, 1.0), MAX_WIDENING),
        status="tested",
    )


def choose(tests: list[BackTest], min_gain: float) -> str:
    """The model of least RMSSE; the simplest of equals, and the naive one where nothing tells.

    Args:
        tests: of one series, the naive model among them.
        min_gain: share of the naive RMSSE that another must save: of several models tried on a few
            origins one does a little better by chance.
    """
    best = "naive"
    naive_error = next((test.rmsse for test in tests if test.model == best), float("nan"))
    least = naive_error * (1 - min_gain)
    for test in tests:
        if test.status == "tested" and test.rmsse < least - 1e-12:
            best, least = test.model, test.rmsse
    return best


def forecast(
    series: Series,
    name: str,
    past: Doubles,
    horizon: int,
    params: ForecastParams,
    memory: dict[str, object] | None = None,
) -> Forecast:
    """What a model says of the periods after a past of a series.

    Counts and money do not fall below 0 where they never have.

    Raises:
        Unfit: the model does not fit.
    """
    task = Task(past, horizon, params.interval_level, series.season, series.is_cohort)
    if memory is not None:
        task.memory = memory
    said = MODELS[name](task)
    return said.not_below(0.0) if past.min() >= 0 else said


def _untested(name: str, status: str) -> BackTest:
    nan = float("nan")
    return BackTest(name, 0, 0, nan, nan, nan, nan, 1.0, status)
