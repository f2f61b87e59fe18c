"""Gamma-Gamma: what a customer's purchases are worth on average.

Fader & Hardie (2013), "The Gamma-Gamma model of monetary value". The value of a purchase varies
around a customer's own mean (gamma distributed: shape p, rate nu), and nu varies over customers
(gamma distributed: q, gamma). Values are independent of how often a customer purchases: ask
``value_correlation`` whether that holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma

from trasos.errors import InputError
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit, maximise

STARTS = ((0.0, 0.0, 0.0), (1.5, 1.0, 1.0), (2.0, 1.0, 0.0), (0.5, 2.0, 1.0))


@dataclass(frozen=True)
class GammaGamma:
    """The three parameters; ``gamma`` is in the currency of the data.

    Attributes:
        p: shape of the values of one customer; great means that they are alike.
        q: shape of what differs between customers; a mean exists above 1 only.
        gamma: scale of the values.
    """

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """Expected value of a purchase of an unknown customer; nan where it has none (q <= 1)."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("nan")

    def expected_value(self, frequency: Doubles, value: Doubles) -> Doubles:
        """Expected value of a customer's purchases, given those seen, (customers,).

        Between the customer's own mean and everyone's, nearer to their own the more purchases
        were seen (equation 5 of the note). nan where nothing was seen and q <= 1.

        Args:
            frequency: (customers,) purchases seen, 0 for none.
            value: (customers,) their mean value; ignored where there are none.
        """
        top = self.p * (self.gamma + frequency * np.where(frequency > 0, value, 0.0))
        bottom = self.p * frequency + self.q - 1
        expected: Doubles = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
        return expected

    def draw(
        self,
        frequency: Doubles,
        value: Doubles,
        count: Doubles,
        rng: np.random.Generator,
    ) -> Doubles:
        """Total value of ``count`` further purchases of each customer, drawn once, (customers,).

        nu from gamma(q + p x, gamma + x z), then the sum from gamma(p count, nu).
        """
        seen = np.where(frequency > 0, frequency * value, 0.0)
        nu = rng.gamma(self.q + self.p * frequency) / (self.gamma + seen)
        total = rng.gamma(np.where(count > 0, self.p * count, 1.0))
        return np.where(count > 0, total / np.maximum(nu, 1e-12), 0.0)


def fit(frequency: Doubles, value: Doubles) -> tuple[GammaGamma, Fit]:
    """Fit the model by maximum likelihood.

    Args:
        frequency: (customers,) purchases of each whose value is known, from 1 up.
        value: (customers,) mean value of them, above 0.

    Returns:
        The model, and how the fit ended.

    Raises:
        InputError: fewer than two customers, a frequency below 1, a value not above 0, or all
            values equal: then nothing tells customers from purchases.
    """
    x, z = np.asarray(frequency, np.float64), np.asarray(value, np.float64)
    if len(x) < 2:
        raise InputError(
            f"Gamma-Gamma: {len(x)} customer(s) with a value; at least two are wanted."
        )
    if not ((x >= 1).all() and (z > 0).all() and np.isfinite(x * z).all()):
        raise InputError(
            "Gamma-Gamma: hand over only customers with at least one purchase and a mean value "
            f"above 0; {int(((x < 1) | ~(z > 0)).sum()):,} of {len(x):,} have not."
        )
    if np.ptp(z) <= 1e-9 * z.max():
        raise InputError(
            f"Gamma-Gamma: all {len(z):,} customers have the same value {z[0]:g}; take that value "
            "instead of a model."
        )
    scale = float(z.mean())
    found = maximise(lambda logs: _likelihood(logs, x, z / scale), STARTS, float(len(x)))
    logs = found.log_parameters + np.array([0.0, 0.0, np.log(scale)])
    per_unit = len(x) * float(np.log(scale))
    ended = Fit(logs, found.log_covariance, found.log_likelihood - per_unit, found.status)
    return GammaGamma(*np.exp(logs).tolist()), ended


def value_correlation(frequency: Doubles, value: Doubles) -> float:
    """Pearson's correlation of purchases and value, which the model takes to be nil; nan if none.

    Args:
        frequency: (customers,) purchases.
        value: (customers,) mean value.
    """
    if len(frequency) < 3 or np.ptp(frequency) == 0 or np.ptp(value) == 0:
        return float("nan")
    return float(np.corrcoef(frequency, value)[0, 1])


def _likelihood(logs: Doubles, x: Doubles, z: Doubles) -> tuple[float, Doubles]:
    """Log-likelihood and its slope by the logs: equation (1a) of the note."""
    p, q, gamma = np.exp(logs)
    seen = gamma + x * z
    share = np.log(x * z) - np.log(seen)
    rest = np.log(gamma) - np.log(seen)
    value = -betaln(p * x, q) - np.log(z) + p * x * share + q * rest
    both = digamma(p * x + q)
    by_p = x * (both - digamma(p * x) + share)
    by_q = both - digamma(q) + rest
    by_gamma = q / gamma - (p * x + q) / seen
    slopes = np.array([float(by_p.sum()) * p, float(by_q.sum()) * q, float(by_gamma.sum()) * gamma])
    return float(value.sum()), slopes
