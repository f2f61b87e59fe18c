"""Whether the groups are as large as they were to be: if not, who is missing is no chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from trasos.errors import InputError

MISMATCH_BELOW = 0.0005
"""p below which groups count as lopsided: it is looked at daily, and a false alarm stops a test
(Fabijan et al. 2019, Diagnosing Sample Ratio Mismatch in Online Controlled Experiments, KDD)."""


@dataclass(frozen=True)
class SampleRatio:
    """The check of one experiment.

    Attributes:
        statistic: Pearson's chi-square.
        p_value: of groups at least as lopsided, were assignment and counting right.
        is_mismatch: whether something is broken, so that the read-out must not be believed.
    """

    statistic: float
    p_value: float
    is_mismatch: bool


def sample_ratio(
    counts: Sequence[int], weights: Sequence[float], threshold: float = MISMATCH_BELOW
) -> SampleRatio:
    """Compare the sizes of groups with the weights that they were drawn by.

    Args:
        counts: units by variation.
        weights: weights by variation, in any unit; a variation with weight 0 must be empty.
        threshold: p below which it is a mismatch.

    Raises:
        InputError: no units at all, weights that do not fit the counts, or all zero.
    """
    found, wanted = np.asarray(counts, np.float64), np.asarray(weights, np.float64)
    if found.shape != wanted.shape or (wanted < 0).any() or wanted.sum() <= 0:
        raise InputError(
            f"Weights {list(weights)} do not fit {len(found)} variations: one weight from 0 each, "
            "and one above 0."
        )
    if found.sum() == 0:
        raise InputError("No variation has a unit: nobody was exposed, so no ratio can be checked.")
    drawn = wanted > 0
    if found[~drawn].sum() > 0:
        return SampleRatio(float("inf"), 0.0, True)
    expected = wanted[drawn] / wanted.sum() * found.sum()
    statistic, p_value = stats.chisquare(found[drawn], expected) if drawn.sum() > 1 else (0.0, 1.0)
    return SampleRatio(float(statistic), float(p_value), bool(p_value < threshold))
