"""Is a series stationary, and did a model leave anything behind?"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.stattools import adfuller, kpss

from trasos.value.arrays import Doubles

ALPHA = 0.05
MIN_PERIODS = 8


@dataclass(frozen=True)
class Finding:
    """What a test found.

    Attributes:
        test: ``adf`` (null hypothesis: a unit root), ``kpss`` (null: a stable level) or
            ``ljung_box`` (null: residuals without autocorrelation).
        statistic: of the test; nan where it was not made.
        p_value: nan where it was not made; KPSS' lies within its table, 0.01 to 0.1.
        lags: that the test looked at.
        n: values it was made of.
        verdict: ``stationary``, ``unit_root_not_refused``, ``not_stationary``, ``none_left``,
            ``autocorrelated``, ``too_short`` or ``constant``.
    """

    test: str
    statistic: float
    p_value: float
    lags: int
    n: int
    verdict: str


def of_series(values: Doubles) -> list[Finding]:
    """ADF and KPSS; together they tell: both must agree before a series is called stationary."""
    n = len(values)
    refused = "too_short" if n < MIN_PERIODS else "constant" if np.ptp(values) == 0 else None
    if refused:
        return [Finding(test, np.nan, np.nan, 0, n, refused) for test in ("adf", "kpss")]
    # Schwert's lags, held to what the length allows: statsmodels refuses more.
    lags = max(min(int(12 * (n / 100) ** 0.25), n // 2 - 3), 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        statistic, p_value, used = adfuller(values, maxlag=lags, regression="c", autolag="AIC")[:3]
        level, level_p, level_lags = kpss(values, regression="c", nlags="auto")[:3]
    return [
        Finding(
            "adf", float(statistic), float(p_value), int(used), n,
            "stationary" if p_value < ALPHA else "unit_root_not_refused",
        ),
        Finding(
            "kpss", float(level), float(level_p), int(level_lags), n,
            "not_stationary" if level_p < ALPHA else "stationary",
        ),
    ]  # fmt: skip


def of_residuals(residuals: Doubles, fitted_parameters: int) -> Finding:
    """Ljung & Box's test over up to ten lags, a fifth of the length at most."""
    n = len(residuals)
    lags = max(min(10, n // 5), fitted_parameters + 1)
    if n < MIN_PERIODS or lags >= n:
        return Finding("ljung_box", np.nan, np.nan, 0, n, "too_short")
    if np.ptp(residuals) == 0:
        return Finding("ljung_box", np.nan, np.nan, lags, n, "constant")
    found = acorr_ljungbox(residuals, lags=[lags], model_df=fitted_parameters)
    p_value = float(found["lb_pvalue"].iloc[0])
    return Finding(
        "ljung_box", float(found["lb_stat"].iloc[0]), p_value, lags, n,
        "autocorrelated" if p_value < ALPHA else "none_left",
    )  # fmt: skip


def kpss_p_value(values: Doubles) -> float:
    """Of a stable level, within 0.01 to 0.1; 0.1 for a series without spread."""
    if np.ptp(values) == 0:
        return 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(kpss(values, regression="c", nlags="auto")[1])
