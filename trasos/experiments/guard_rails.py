"""Metrics that a treatment need not improve, but must not harm by more than was agreed.

A non-inferiority test of means in its linear form: the treatment's mean against the control's,
taken down by the margin, so that no ratio has to be formed (Hauschke, Kieser, Diletti and Burke
1999, Sample size determination for proving equivalence based on the ratio of two means for normally
distributed data, Statistics in Medicine 18).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from trasos.errors import ConfigurationError
from trasos.experiments.sample import Sample


@dataclass(frozen=True)
class GuardRail:
    """What is known of a guard-rail.

    Attributes:
        verdict: ``held`` (shown to be harmed by less than the margin), ``broken`` (shown to be
            harmed by more), ``open`` (neither is shown).
        p_held: one-sided p of a harm beyond the margin.
        z: distance from the margin in standard errors, above 0 on the good side.
    """

    verdict: str
    p_held: float
    z: float


def guard_rail(
    control: Sample,
    treatment: Sample,
    margin: float,
    higher_is_better: bool = True,
    alpha: float = 0.05,
) -> GuardRail:
    """Test one metric.

    Args:
        control: group of the control.
        treatment: group of the treatment.
        margin: harm that would be accepted, as a share of the control's mean, 0..1.
        higher_is_better: whether more of the metric is good.
        alpha: share of harmful treatments that may pass, one-sided, 0..1.

    Raises:
        ConfigurationError: a margin outside 0..1.
    """
    if not 0 < margin < 1:
        raise ConfigurationError(
            f"The margin of a guard-rail is {margin}: a share between 0 and 1 is wanted."
        )
    sign = 1 if higher_is_better else -1
    kept = 1 - sign * margin
    slack = sign * (treatment.mean - kept * control.mean)
    error = math.sqrt(treatment.variance_of_mean + kept**2 * control.variance_of_mean)
    if not error > 0:
        return GuardRail("open", 1.0, 0.0)
    z = slack / error
    p_held = float(stats.norm.sf(z))
    if p_held < alpha:
        return GuardRail("held", p_held, z)
    return GuardRail("broken" if 1 - p_held < alpha else "open", p_held, z)
