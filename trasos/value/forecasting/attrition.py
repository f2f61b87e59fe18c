"""Attrition: a cohort thins out as customers leave, the unlikely to stay first.

The shifted beta-geometric model of Fader & Hardie (2007), "How to project customer retention",
Journal of Interactive Marketing 21: in each period a customer leaves with a probability of their
own, beta distributed over customers. The cohort's retention rises with age without anyone changing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma
from scipy.stats import t as student

from trasos.errors import InputError
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit, maximise
from trasos.value.forecasting.forecast import Forecast, Task, Unfit

STARTS = ((0.0, 0.0), (-0.5, 1.0), (1.0, 2.0), (2.0, 4.0))


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """The two parameters: alpha / (alpha + beta) is the share that leaves in the first period."""

    alpha: float
    beta: float

    def survival(self, periods: Doubles) -> Doubles:
        """Share that is still there after so many periods: B(alpha, beta + t) / B(alpha, beta)."""
        kept: Doubles = np.exp(
            betaln(self.alpha, self.beta + periods) - betaln(self.alpha, self.beta)
        )
        return kept

    def retention(self, periods: Doubles) -> Doubles:
        """Share of those there before a period who are there after it: (beta + t - 1) / (...)."""
        rate: Doubles = (self.beta + periods - 1) / (self.alpha + self.beta + periods - 1)
        return rate


def fit(survivors: Doubles) -> tuple[ShiftedBetaGeometric, Fit]:
    """Fit the model to a cohort by maximum likelihood.

    Args:
        survivors: (periods + 1,) customers there at the start and after each period.

    Returns:
        The model, and how the fit ended.

    Raises:
        InputError: fewer than two periods, or numbers that rise or lie below 0.
    """
    there = np.asarray(survivors, np.float64)
    if len(there) < 3 or (np.diff(there) > 0).any() or there[-1] < 0 or there[0] <= 0:
        raise InputError(
            "Attrition: survivors must be at least three numbers from above 0 that never rise; "
            f"got {there.tolist()[:6]}."
        )
    lost, age = -np.diff(there), np.arange(1, len(there))

    def likelihood(logs: Doubles) -> tuple[float, Doubles]:
        alpha, beta = np.exp(logs)
        # P(leaves in period t) = B(alpha + 1, beta + t - 1) / B(alpha, beta)
        gone = betaln(alpha + 1, beta + age - 1) - betaln(alpha, beta)
        last = len(age)
        stays = betaln(alpha, beta + last) - betaln(alpha, beta)
        total = digamma(alpha + beta)
        by_alpha = lost @ (
            digamma(alpha + 1) - digamma(alpha) - digamma(alpha + beta + age) + total
        )
        by_alpha += there[-1] * (total - digamma(alpha + beta + last))
        by_beta = lost @ (
            digamma(beta + age - 1) - digamma(beta) - digamma(alpha + beta + age) + total
        )
        by_beta += there[-1] * (
            digamma(beta + last) - digamma(beta) - digamma(alpha + beta + last) + total
        )
        value = float(lost @ gone + there[-1] * stays)
        return value, np.array([float(by_alpha) * alpha, float(by_beta) * beta])

    found = maximise(likelihood, STARTS, float(there[0]))
    return ShiftedBetaGeometric(*found.parameters.tolist()), found


def attrition(task: Task) -> Forecast:
    """A cohort's value follows its survivors: level x S(age - 1), by quasi-Poisson likelihood.

    What is bought at age 1 sets the level. Intervals hold the noise (Pearson's dispersion) and what
    is open of the three parameters (normal in their logs, by the slope of the curve).
    """
    if not task.is_cohort:
        raise Unfit("not_applicable")
    values = np.maximum(task.values, 0.0)
    n = len(values)
    if n < 6:
        raise Unfit("too_short")
    if not values.any():
        raise Unfit("all_zero")
    scale = float(values.mean())
    seen = values / scale
    age = np.arange(n + task.horizon, dtype=np.float64)

    def curve(logs: Doubles, periods: Doubles) -> tuple[Doubles, Doubles]:
        """Values, and their slopes by the three logs, (periods, 3)."""
        level, alpha, beta = np.exp(logs)
        mean = level * ShiftedBetaGeometric(alpha, beta).survival(periods)
        both = digamma(alpha + beta) - digamma(alpha + beta + periods)
        by_beta = (both + digamma(beta + periods) - digamma(beta)) * beta
        return mean, mean[:, None] * np.column_stack([np.ones_like(mean), both * alpha, by_beta])

    def likelihood(logs: Doubles) -> tuple[float, Doubles]:
        mean, slopes = curve(logs, age[:n])
        mean = np.maximum(mean, 1e-12)
        return float(seen @ np.log(mean) - mean.sum()), (seen / mean - 1) @ slopes

    first = float(np.log(max(seen[0], 0.1)))
    found = maximise(likelihood, [(first, *start) for start in STARTS], float(n))
    if found.status == "not_converged":
        raise Unfit("not_converged")
    mean, slopes = curve(found.log_parameters, age)
    residuals = seen - mean[:n]
    dispersion = float(np.sum(residuals**2 / np.maximum(mean[:n], 1e-12)) / (n - 3))
    later = slopes[n:]
    open_ = np.einsum("ij,jk,ik->i", later, found.log_covariance * dispersion, later)
    spread = np.sqrt(dispersion * mean[n:] + open_) * scale
    width = student.ppf((1 + task.level) / 2, n - 3) * spread
    _, alpha, beta = found.parameters
    ahead = mean[n:] * scale
    return Forecast(
        ahead, ahead - width, ahead + width, residuals * scale,
        detail=f"alpha {alpha:.3g}, beta {beta:.3g}",
    ).not_below(0.0)  # fmt: skip
