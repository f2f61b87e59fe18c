"""How many units an experiment needs, and what it cannot see with those it has.

Normal approximation with the variances of both groups (Kohavi, Tang and Xu 2020, Trustworthy Online
Controlled Experiments, chapter 17); the power function is statsmodels'.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import optimize
from statsmodels.stats.power import normal_power_het
from statsmodels.stats.proportion import power_proportions_2indep

from trasos.errors import ConfigurationError


def conversion_power(
    n_control: float, n_treatment: float, baseline: float, lift: float, alpha: float = 0.05
) -> float:
    """Probability that a lift is found, two-sided.

    Args:
        n_control: units that get the control; above 0.
        n_treatment: units that get the treatment; above 0.
        baseline: share of the control that converts, between 0 and 1.
        lift: relative difference; the treatment converts ``baseline * (1 + lift)``.
        alpha: share of false alarms accepted, 0..1.

    Raises:
        ConfigurationError: a share that is none.
    """
    _check(baseline, lift)
    found = power_proportions_2indep(
        baseline * lift,
        baseline,
        nobs1=n_treatment,
        ratio=n_control / n_treatment,
        alpha=alpha,
        return_results=False,
    )
    return float(found)


def mean_power(
    n_control: float, n_treatment: float, difference: float, std: float, alpha: float = 0.05
) -> float:
    """Probability that a difference of means is found, two-sided.

    Args:
        n_control: units that get the control.
        n_treatment: units that get the treatment.
        difference: in the metric's unit.
        std: standard deviation of units, in the metric's unit.
        alpha: share of false alarms accepted, 0..1.
    """
    power = normal_power_het(
        abs(difference),
        n_treatment,
        alpha,
        std_null=std * math.sqrt(1 + n_treatment / n_control),
        alternative="two-sided",
    )
    return float(power)


def conversion_sample(
    baseline: float,
    lift: float,
    power: float = 0.8,
    alpha: float = 0.05,
    treatment_share: float = 0.5,
) -> int:
    """Units in all that are needed to find a lift with some probability.

    Args:
        baseline: share of the control that converts.
        lift: relative difference to be found; not 0.
        power: probability to find it, 0..1.
        alpha: share of false alarms accepted, 0..1.
        treatment_share: share of the units that get the treatment, 0..1.

    Raises:
        ConfigurationError: a lift of 0, or a share that is none.
    """
    _check(baseline, lift)
    if lift == 0:
        raise ConfigurationError("No sample shows a lift of 0: give the smallest that matters.")

    def found(control: float, treatment: float) -> float:
        return conversion_power(control, treatment, baseline, lift, alpha)

    return _sample(found, power, treatment_share)


def mean_sample(
    mean: float,
    std: float,
    lift: float,
    power: float = 0.8,
    alpha: float = 0.05,
    treatment_share: float = 0.5,
) -> int:
    """Units in all that are needed to find a relative rise of a mean with some probability.

    Args:
        mean: of the control's units; not 0.
        std: standard deviation of units, in the same unit; above 0, and the same in both groups.
        lift: relative difference to be found; not 0.
        power: probability to find it, 0..1.
        alpha: share of false alarms accepted, 0..1.
        treatment_share: share of the units that get the treatment, 0..1.

    Raises:
        ConfigurationError: nothing to be found, or values that do not vary.
    """
    if mean * lift == 0 or std <= 0:
        raise ConfigurationError(
            f"A lift of {lift:+.1%} over a mean of {mean} with a standard deviation of {std}: no "
            "sample shows it. Each must be other than 0."
        )

    def found(control: float, treatment: float) -> float:
        return mean_power(control, treatment, mean * lift, std, alpha)

    return _sample(found, power, treatment_share)


def minimal_detectable_lift(
    n: float,
    baseline: float,
    power: float = 0.8,
    alpha: float = 0.05,
    treatment_share: float = 0.5,
) -> float | None:
    """The smallest rise that so many units show with some probability.

    Args:
        n: units in all.
        baseline: share of the control that converts, between 0 and 1.
        power: probability to find it, 0..1.
        alpha: share of false alarms accepted, 0..1.
        treatment_share: share of the units that get the treatment, 0..1.

    Returns:
        A relative difference; None where even everybody's converting would not be seen.
    """
    _check(baseline, 0.0)
    control, treatment = n * (1 - treatment_share), n * treatment_share
    if control <= 0 or treatment <= 0:
        return None
    most = (1 - 1e-9) / baseline - 1

    def gap(lift: float) -> float:
        return conversion_power(control, treatment, baseline, lift, alpha) - power

    if gap(most) < 0:
        return None
    return _root(gap, min(1e-9, most / 2), most)


def _sample(found: Callable[[float, float], float], power: float, treatment_share: float) -> int:
    """The fewest units, from 4 on, of which a control and a treatment find it with that power."""
    if not 0 < treatment_share < 1:
        raise ConfigurationError(
            f"The treatment's share is {treatment_share}: between 0 and 1 is wanted."
        )

    def gap(log_n: float) -> float:
        n = math.exp(log_n)
        return found(n * (1 - treatment_share), n * treatment_share) - power

    least, most = math.log(4), math.log(1e18)
    if gap(least) >= 0:
        return 4
    if gap(most) < 0:
        raise ConfigurationError("No sample that could ever be had shows it: give a larger lift.")
    return math.ceil(math.exp(_root(gap, least, most)))


def _root(gap: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(gap, low, high, xtol=1e-12, rtol=1e-12))


def _check(baseline: float, lift: float) -> None:
    if not 0 < baseline < 1:
        raise ConfigurationError(
            f"The baseline is {baseline}: a share between 0 and 1 that converts is wanted."
        )
    if not 0 < baseline * (1 + lift) < 1:
        raise ConfigurationError(
            f"A lift of {lift:+.1%} over a baseline of {baseline:.2%} is no share: give a smaller "
            "lift."
        )
