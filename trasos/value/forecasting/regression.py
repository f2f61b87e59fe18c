"""Regressions: of a cohort's value on its age, of the shop's on time and season."""

from __future__ import annotations

import warnings

import numpy as np
import statsmodels.api as sm
from scipy.stats import t as student

from trasos.value.arrays import Doubles
from trasos.value.forecasting.forecast import Forecast, Task, Unfit

SEASONS_WANTED = 2
"""Seasons of data before a season is believed."""


def regression(task: Task) -> Forecast:
    """Cohorts: a power of age, ``exp(b0 + b1 log(age))``; others: a line, and a yearly wave.

    The first by quasi-Poisson regression with a log link, which takes months of nothing as they
    are and keeps the mean unbiased, as a line through logs would not; its dispersion is Pearson's.
    The second by least squares, with a sine and a cosine of the year where two years are there.
    Intervals hold the noise and what is open of the coefficients (Student's t).
    """
    return _power_of_age(task) if task.is_cohort else _line(task)


def _power_of_age(task: Task) -> Forecast:
    values = np.maximum(task.values, 0.0)
    n = len(values)
    if n < 5:
        raise Unfit("too_short")
    if not values.any():
        raise Unfit("all_zero")
    # A shared scale, so that values in cents and in thousands are fitted alike.
    scale = float(values.mean())
    design = _age_design(np.arange(1, n + 1))
    with warnings.catch_warnings():
        # A cohort that fits to the last digit is no worry here: its interval is empty, as it is.
        warnings.simplefilter("ignore")
        result = sm.GLM(values / scale, design, family=sm.families.Poisson()).fit(scale="X2")
    ahead = _age_design(np.arange(n + 1, n + task.horizon + 1))
    exponent = ahead @ result.params
    if not np.isfinite(exponent).all() or exponent.max() > 20:
        raise Unfit("not_converged")
    mean = np.exp(exponent)
    open_ = np.einsum("ij,jk,ik->i", ahead, result.cov_params(), ahead)
    spread = np.sqrt(result.scale * mean + mean**2 * open_) * scale
    width = student.ppf((1 + task.level) / 2, n - 2) * spread
    mean = mean * scale
    return Forecast(
        mean, mean - width, mean + width, np.asarray(result.resid_response) * scale,
        detail=f"exponent of age {result.params[1]:.3f}",
    ).not_below(0.0)  # fmt: skip


def _age_design(age: np.ndarray) -> Doubles:
    return np.column_stack([np.ones(len(age)), np.log(age)])


def _line(task: Task) -> Forecast:
    n = len(task.values)
    has_season = bool(task.season) and n >= SEASONS_WANTED * task.season
    columns = 4 if has_season else 2
    if n < columns + 3:
        raise Unfit("too_short")

    def design(places: np.ndarray) -> Doubles:
        trend = np.column_stack([np.ones(len(places)), places / n])
        if not has_season:
            return trend
        return np.column_stack([trend, fourier(places, task.season, 1)])

    result = sm.OLS(task.values, design(np.arange(n))).fit()
    said = result.get_prediction(design(np.arange(n, n + task.horizon)))
    frame = said.conf_int(obs=True, alpha=1 - task.level)
    return Forecast(
        np.asarray(said.predicted_mean), frame[:, 0], frame[:, 1], np.asarray(result.resid),
        detail="line and yearly wave" if has_season else "line",
    )  # fmt: skip


def fourier(places: np.ndarray, season: int, pairs: int) -> Doubles:
    """Sines and cosines of a season, shape (places, 2 x pairs)."""
    angles = 2 * np.pi * np.outer(places, np.arange(1, pairs + 1)) / season
    return np.column_stack([np.sin(angles), np.cos(angles)])
