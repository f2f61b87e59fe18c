"""Every number that tunes the value models, with its unit, its range and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trasos.recommender.tunables import Tunables
from trasos.recommender.tunables import choice as _choice
from trasos.recommender.tunables import tunable as _tunable


@dataclass(frozen=True)
class LtvParams(Tunables):
    """What tunes the lifetime value of customers.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "LTV parameter"

    seed: int = _tunable(7, "-", "the same data, the same intervals", 0)
    horizon_days: int = _tunable(365, "days", "the field's and a budget's year", 1, 3650)
    interval_level: float = _tunable(
        0.9, "share", "of customers whose truth is to lie in their interval", 0.5, 0.99
    )
    draws: int = _tunable(
        200,
        "draws",
        "of each customer's future; the ends of a 90 % interval rest on 10",
        40,
        10_000,
    )
    parameter_draws: int = _tunable(
        40, "draws", "of the models' parameters, over which the others are spread", 2, 1_000
    )
    fit_customers: int = _tunable(
        20_000, "customers", "that models of orders are fitted to: more move no digit shown", 100
    )
    min_repeat_customers: int = _tunable(
        30, "customers", "with fewer, four parameters are a guess: the pooled rate is used", 2
    )


@dataclass(frozen=True)
class ForecastParams(Tunables):
    """What tunes the forecasts of series.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Forecast parameter"

    period: str = _choice(
        ("auto", "week", "month"), "auto takes months where there are enough of them, else weeks"
    )
    min_months: int = _tunable(18, "months", "below, auto counts in weeks", 3)
    min_periods: int = _tunable(
        8, "periods", "of a series before anything but a status is said of it", 5
    )
    horizon: int = _tunable(6, "periods", "half a year of months: what a budget asks for", 1, 60)
    backtest_horizon: int = _tunable(3, "periods", "ahead that each back-test looks", 1, 24)
    backtest_origins: int = _tunable(
        8, "origins", "the last ones from which forecasts are tried and held to what came", 1, 60
    )
    min_gain: float = _tunable(
        0.05,
        "share",
        "of the naive RMSSE that a model must save: less is luck of a few origins",
        0,
        1,
    )
    interval_level: float = _tunable(
        0.8, "share", "of truths that intervals are to hold", 0.5, 0.99
    )


@dataclass(frozen=True)
class SegmentParams(Tunables):
    """What tunes the segments of customers.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Segment parameter"

    seed: int = _tunable(7, "-", "the same customers, the same segments", 0)
    min_segments: int = _tunable(3, "segments", "two say no more than a median does", 2, 20)
    max_segments: int = _tunable(7, "segments", "more nobody keeps apart in a meeting", 2, 20)
    silhouette_margin: float = _tunable(
        0.01, "silhouette", "fewer segments are taken where they lose no more than this", 0.0, 1.0
    )
    silhouette_sample: int = _tunable(
        4_000, "customers", "whom the silhouette is taken of: it grows with their square", 100
    )
    min_customers: int = _tunable(
        50, "customers", "below, everyone is in one segment and a status says so", 10
    )
    recent_days: int = _tunable(30, "days", "since the last order, median of a segment: recent", 1)
    lapsed_days: int = _tunable(90, "days", "since the last order, median of a segment: lapsed", 2)
