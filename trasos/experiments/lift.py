"""The difference as a share of what the control has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from trasos.experiments.sample import Sample


@dataclass(frozen=True)
class Lift:
    """A relative difference.

    Attributes:
        value: treatment's mean / control's mean - 1; None where the control's mean is zero.
        low: lower bound; None where the data bound it on no side.
        high: upper bound; likewise.
    """

    value: float | None
    low: float | None
    high: float | None


def relative_lift(control: Sample, treatment: Sample, alpha: float = 0.05) -> Lift:
    """The relative difference with Fieller's interval (1954, JRSS B 16).

    The delta method would give an interval always; where the control's mean can hardly be told from
    zero that interval is wrong, and Fieller's has no end, which is then said by None.

    Args:
        control: group whose mean is what the difference is a share of.
        treatment: the other group.
        alpha: share of such intervals that may miss the truth, 0..1.
    """
    if control.n < 2 or treatment.n < 2 or control.mean == 0:
        return Lift(None, None, None)
    ratio = treatment.mean / control.mean
    quantile = float(stats.norm.ppf(1 - alpha / 2))
    unsure = quantile**2 * control.variance_of_mean / control.mean**2
    if unsure >= 1:
        return Lift(ratio - 1, None, None)
    spread = math.sqrt(
        (1 - unsure) * treatment.variance_of_mean + ratio**2 * control.variance_of_mean
    )
    reach = quantile / abs(control.mean) * spread
    return Lift(
        ratio - 1,
        (ratio - reach) / (1 - unsure) - 1,
        (ratio + reach) / (1 - unsure) - 1,
    )
