"""Differences between two groups, with intervals that hold when they are looked at once.

Conversions: Newcombe's interval (1998, Statistics in Medicine 17, method 10), which joins two of
Wilson's and stays honest where few convert; beside it the plain normal one without pooling. Money
and counts: Welch's t (1947, Biometrika 34). All three are statsmodels' or scipy's.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

from trasos.errors import ConfigurationError, InputError
from trasos.experiments.sample import Difference, Sample

METHODS = {"newcombe": "newcomb", "normal": "wald"}


def conversion_difference(
    control: tuple[int, int],
    treatment: tuple[int, int],
    alpha: float = 0.05,
    method: str = "newcombe",
) -> Difference:
    """The difference of two shares.

    Args:
        control: how many converted, and of how many.
        treatment: the same of the treatment.
        alpha: share of such intervals that may miss the truth, 0..1.
        method: ``newcombe`` or ``normal`` (unpooled).

    Raises:
        ConfigurationError: an unknown method.
        InputError: a group without units.
    """
    if method not in METHODS:
        raise ConfigurationError(f"The interval is {method!r}: {' or '.join(METHODS)} is wanted.")
    for name, (_, n) in (("control", control), ("treatment", treatment)):
        if n < 1:
            raise InputError(f"The {name} has no units: there is nothing to compare.")
    c, t = Sample.of_count(*control), Sample.of_count(*treatment)
    low, high = confint_proportions_2indep(
        *treatment, *control, method=METHODS[method], compare="diff", alpha=alpha, correction=False
    )
    # Nobody or everybody converts in both: the test divides by nothing, and nothing differs.
    p_value = 1.0
    if not (c.mean == t.mean and c.mean in (0.0, 1.0)):
        # statsmodels reckons ratios too, which a control without conversions has not.
        with np.errstate(divide="ignore", invalid="ignore"):
            p_value = test_proportions_2indep(
                *treatment, *control, method="score", compare="diff", correction=False
            ).pvalue
    return Difference(t.mean - c.mean, float(low), float(high), float(p_value))


def mean_difference(control: Sample, treatment: Sample, alpha: float = 0.05) -> Difference:
    """The difference of two means by Welch's t.

    Args:
        control: at least two units.
        treatment: at least two units.
        alpha: share of such intervals that may miss the truth, 0..1.

    Raises:
        InputError: a group with fewer than two units, whose spread nobody knows.
    """
    for name, sample in (("control", control), ("treatment", treatment)):
        if sample.n < 2:
            raise InputError(
                f"The {name} has {sample.n} unit(s): a difference of means needs two or more."
            )
    value = treatment.mean - control.mean
    parts = (control.variance_of_mean, treatment.variance_of_mean)
    error = math.sqrt(sum(parts))
    if error == 0:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (sample.n - 1) for part, sample in zip(parts, (control, treatment), strict=True)
    )
    reach = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(value) / error, freedom))
    return Difference(value, value - reach, value + reach, p_value)
