"""Series with a known truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from trasos.value.arrays import Doubles
from trasos.value.forecasting.attrition import ShiftedBetaGeometric
from trasos.value.forecasting.series import Series


def autoregressive(rng: np.random.Generator, n: int, phi: float = 0.7) -> Doubles:
    """AR(1) around 100."""
    values = np.zeros(n + 50)
    for place in range(1, n + 50):
        values[place] = phi * values[place - 1] + rng.normal()
    return 100 + values[50:]


def rising(rng: np.random.Generator, n: int) -> Doubles:
    return 100 + np.arange(n) + rng.normal(0, 4, n)


def wave(rng: np.random.Generator, n: int) -> Doubles:
    """A year of twelve months, and a slow rise."""
    return (
        100 + 0.2 * np.arange(n) + 15 * np.sin(2 * np.pi * np.arange(n) / 12) + rng.normal(0, 4, n)
    )


def walk(rng: np.random.Generator, n: int) -> Doubles:
    return 100 + np.cumsum(rng.normal(0, 1, n))


def cohort(rng: np.random.Generator, n: int) -> Doubles:
    """Money of 20 customers at first, who leave as the shifted beta-geometric model has it."""
    expected = 20 * ShiftedBetaGeometric(0.7, 1.5).survival(np.arange(n, dtype=float))
    return rng.poisson(expected * 20) / 20


def months(values: Doubles, is_cohort: bool = False) -> Series:
    name = "cohort/2024-01-01/x" if is_cohort else "total/x"
    return Series(name, is_cohort, "month", date(2024, 1, 1), values)


Maker = Callable[[np.random.Generator, int], Doubles]
