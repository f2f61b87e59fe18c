"""The forecasts that cost nothing: the last value, and that of a season ago."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from trasos.value.arrays import Doubles
from trasos.value.forecasting.forecast import Forecast, Task, Unfit


def naive(task: Task) -> Forecast:
    """The last value; as right as can be for a random walk.

    Intervals are those of a random walk, whose spread grows with the root of the steps
    (Hyndman & Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 5.5).
    """
    values = task.values
    if len(values) < 3:
        raise Unfit("too_short")
    steps = np.arange(1, task.horizon + 1)
    return _spread(task, np.full(task.horizon, values[-1]), np.diff(values), np.sqrt(steps))


def seasonal_naive(task: Task) -> Forecast:
    """The value of the same period a season ago; wants two seasons."""
    values, season = task.values, task.season
    if not season:
        raise Unfit("not_applicable")
    if len(values) < 2 * season:
        raise Unfit("too_short")
    steps = np.arange(task.horizon)
    mean = values[len(values) - season + steps % season]
    return _spread(task, mean, values[season:] - values[:-season], np.sqrt(steps // season + 1))


def _spread(task: Task, mean: Doubles, residuals: Doubles, growth: Doubles) -> Forecast:
    width = float(np.sqrt(np.mean(residuals**2))) * student.ppf(
        (1 + task.level) / 2, len(residuals)
    )
    return Forecast(mean, mean - width * growth, mean + width * growth, residuals)
