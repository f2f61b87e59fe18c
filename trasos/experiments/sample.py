"""What a read-out needs to know of one group: how many, their mean, how much they vary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trasos.errors import InputError

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One group of units, summed up.

    Attributes:
        n: units.
        mean: of the units' values; nan without units.
        variance: of the units' values, by n - 1; nan with fewer than two.
    """

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Sample:
        """Sum up values, shape (units,).

        Raises:
            InputError: a value is not finite.
        """
        found = np.asarray(values, np.float64)
        if not np.isfinite(found).all():
            raise InputError(
                f"{int((~np.isfinite(found)).sum())} of {found.size} values are no finite number: "
                "a unit without an outcome counts as 0, or is left out before."
            )
        n = found.size
        # fsum: the same to the last bit in whatever order the rows come.
        mean = math.fsum(found) / n if n else math.nan
        variance = math.fsum((found - mean) ** 2) / (n - 1) if n > 1 else math.nan
        return cls(n, mean, variance)

    @classmethod
    def of_count(cls, successes: int, n: int) -> Sample:
        """Sum up n units of which some have 1 and the others 0.

        Raises:
            InputError: more successes than units, or fewer than none.
        """
        if not 0 <= successes <= n:
            raise InputError(f"{successes} of {n} units are counted as converted: check the count.")
        share = successes / n if n else math.nan
        variance = n * share * (1 - share) / (n - 1) if n > 1 else math.nan
        return cls(n, share, variance)

    @property
    def variance_of_mean(self) -> float:
        """Squared standard error of the mean."""
        return self.variance / self.n if self.n else math.nan


@dataclass(frozen=True)
class Difference:
    """What a treatment's group has more than the control's, with an interval.

    Attributes:
        value: difference.
        low: lower bound of the interval.
        high: upper bound.
        p_value: of no difference, two-sided.
    """

    value: float
    low: float
    high: float
    p_value: float
