"""ARIMA, its order found by a small search.

Differencing by the KPSS test, then the least AICc, as Hyndman & Khandakar (2008) do ("Automatic
time series forecasting", Journal of Statistical Software 27), over fewer orders; yearly waves as
regressors (dynamic harmonic regression) where two years are there. Estimation is statsmodels'.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student
from statsmodels.tsa.arima.model import ARIMA

from trasos.value.arrays import Doubles
from trasos.value.forecasting.diagnostics import kpss_p_value
from trasos.value.forecasting.forecast import Forecast, Task, Unfit
from trasos.value.forecasting.regression import SEASONS_WANTED, fourier

ORDERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1))
MIN_PERIODS = 10


@dataclass(frozen=True)
class Order:
    """What was chosen: (p, d, q), a constant or a drift, and a yearly wave."""

    p: int
    d: int
    q: int
    has_mean: bool
    has_wave: bool

    def __str__(self) -> str:
        """As a reader writes it."""
        extra = ["constant" if self.d == 0 else "drift"] * self.has_mean + ["wave"] * self.has_wave
        return " ".join([f"ARIMA({self.p},{self.d},{self.q})", *extra])


def arima(task: Task) -> Forecast:
    """The order of least AICc; in a back-test that of the shortest past, fitted again each time."""
    values = task.values
    if len(values) < MIN_PERIODS:
        raise Unfit("too_short")
    spread = float(values.std())
    if spread == 0:
        raise Unfit("constant")
    # Around 0 and of spread 1 the optimiser needs no luck.
    centre = float(values.mean())
    scaled = (values - centre) / spread
    order = task.memory.get("arima")
    if not isinstance(order, Order):
        order = search(scaled, task.season)
        task.memory["arima"] = order
    # A past with one value more is fitted from where the one before ended.
    result = _fitted(scaled, order, task.season, task.memory.get("arima_start"))
    if result is None:
        raise Unfit("not_converged")
    task.memory["arima_start"] = result.params
    n = len(values)
    future = _wave(np.arange(n, n + task.horizon), order, task.season)
    said = result.get_forecast(task.horizon, exog=future)
    # Maximum likelihood divides by n: on short series its intervals are too narrow. Student's t and
    # the degrees of freedom that are left mend most of it; that parameters are estimated stays out.
    free = n - len(result.params)
    if free < 3:
        raise Unfit("too_short")
    width = student.ppf((1 + task.level) / 2, free) * np.sqrt(n / free) * np.asarray(said.se_mean)
    mean = np.asarray(said.predicted_mean)
    if not np.isfinite(mean + width).all():
        raise Unfit("not_converged")
    return Forecast(
        mean * spread + centre,
        (mean - width) * spread + centre,
        (mean + width) * spread + centre,
        np.asarray(result.resid)[order.d :] * spread,
        order.p + order.q,
        str(order),
    )


def search(values: Doubles, season: int) -> Order:
    """The order of least AICc among ``ORDERS``, differenced where KPSS refuses a level.

    Args:
        values: (n,) of a spread of about 1.
        season: periods of a season; 0 for none.

    Raises:
        Unfit: no order converges.
    """
    n = len(values)
    has_wave = bool(season) and n >= SEASONS_WANTED * season and _wave_pays(values, season)
    rest = values
    if has_wave:
        waves = np.column_stack([np.ones(n), fourier(np.arange(n), season, 1)])
        rest = values - waves @ np.linalg.lstsq(waves, values, rcond=None)[0]
    d = int(kpss_p_value(rest) < 0.05)
    best: tuple[float, Order] | None = None
    for p, q in ORDERS:
        for has_mean in (True,) if d == 0 else (False, True):
            order = Order(p, d, q, has_mean, has_wave)
            result = _fitted(values, order, season)
            if result is None:
                continue
            aicc = float(result.aicc)
            if np.isfinite(aicc) and (best is None or aicc < best[0] - 1e-9):
                best = (aicc, order)
    if best is None:
        raise Unfit("not_converged")
    return best[1]


def _fitted(values: Doubles, order: Order, season: int, start: Any = None) -> Any | None:
    """The fitted model, or None where the optimiser did not converge."""
    trend = ("c" if order.d == 0 else "t") if order.has_mean else "n"
    with warnings.catch_warnings():
        # What they say is asked for below, in words that a program can read.
        warnings.simplefilter("ignore")
        try:
            result = ARIMA(
                values,
                exog=_wave(np.arange(len(values)), order, season),
                order=(order.p, order.d, order.q),
                trend=trend,
            ).fit(start_params=start, cov_type="none", method_kwargs={"maxiter": 100, "disp": 0})
        except (np.linalg.LinAlgError, ValueError):
            return None
    return result if result.mle_retvals is None or result.mle_retvals["converged"] else None


def _wave(places: np.ndarray, order: Order, season: int) -> Doubles | None:
    return fourier(places, season, 1) if order.has_wave else None


def _wave_pays(values: Doubles, season: int) -> bool:
    """Whether a yearly wave beside a line lowers the AICc of least squares."""
    n = len(values)
    line = np.column_stack([np.ones(n), np.arange(n) / n])
    both = np.column_stack([line, fourier(np.arange(n), season, 1)])
    return _aicc(values, both) < _aicc(values, line)


def _aicc(values: Doubles, design: Doubles) -> float:
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    n, k = len(values), design.shape[1] + 1
    spread = max(float(rest @ rest) / n, 1e-300)
    return float(n * np.log(spread) + 2 * k * n / max(n - k - 1, 1))
