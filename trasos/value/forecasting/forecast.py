"""What every model of a series answers with, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from trasos.value.arrays import Doubles


class Unfit(Exception):  # noqa: N818 - no error: the next model has its turn
    """A model does not fit a series; the text is the status that is kept."""


@dataclass(frozen=True)
class Forecast:
    """Of the periods after a series.

    Attributes:
        mean: (horizon,) expected values.
        low: (horizon,) lower ends of the intervals.
        high: (horizon,) upper ends.
        residuals: (m,) what the model missed one step ahead within the series, m <= n.
        fitted_parameters: how many parameters describe the dependence in time: what the
            Ljung-Box test takes off its degrees of freedom.
        detail: what was fitted, in a few words.
    """

    mean: Doubles
    low: Doubles
    high: Doubles
    residuals: Doubles
    fitted_parameters: int = 0
    detail: str = ""

    def widened(self, factor: float) -> Forecast:
        """The same with intervals so many times as wide."""
        return replace(
            self,
            low=self.mean - factor * (self.mean - self.low),
            high=self.mean + factor * (self.high - self.mean),
        )

    def not_below(self, floor: float) -> Forecast:
        """The same, without values below what can be."""
        return replace(
            self,
            mean=np.maximum(self.mean, floor),
            low=np.maximum(self.low, floor),
            high=np.maximum(self.high, floor),
        )


@dataclass
class Task:
    """A series' past, and what is wanted of it.

    Attributes:
        values: (n,) the past.
        horizon: periods ahead.
        level: share of truths that intervals are to hold.
        season: periods of a season; 0 for none.
        is_cohort: whether values are of a cohort from age 1 on.
        memory: what a model chose on the shortest past of a back-test, kept for the longer ones,
            so that no choice rests on what is forecast.
    """

    values: Doubles
    horizon: int
    level: float
    season: int = 0
    is_cohort: bool = False
    memory: dict[str, object] = field(default_factory=dict)


Model: TypeAlias = Callable[[Task], Forecast]
"""Raises ``Unfit`` where it cannot."""
