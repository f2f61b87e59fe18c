"""Pareto/NBD: as BG/NBD, but customers leave at any moment, not only after a purchase.

Schmittlein, Morrison & Colombo (1987), "Counting your customers: who are they and what will they do
next?", Management Science 33. While there, a customer purchases at random moments with a rate of
their own (gamma distributed over customers: r, alpha), and leaves at a random moment with a rate of
their own (gamma distributed: s, beta).

The likelihood is the one integral over the moment of leaving, by Gauss-Legendre quadrature, where
the paper has hypergeometric functions, which overflow when customers are much alike (large s).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import digamma, gammaln, logsumexp

from trasos.errors import InputError
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit, maximise
from trasos.value.purchases import Purchases

NODES = 32
STARTS = ((0.0, 0.0, 0.0, 0.0), (-1.0, 0.0, -0.5, 0.0), (0.5, 1.0, 1.0, 2.0))


@dataclass(frozen=True)
class ParetoNbd:
    """The four parameters; ``alpha`` and ``beta`` are in the unit of time of the data.

    Attributes:
        r: shape of the rates of purchase.
        alpha: r / alpha is their mean.
        s: shape of the rates of leaving.
        beta: s / beta is their mean.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def log_likelihood(self, purchases: Purchases) -> float:
        """Of all customers together."""
        logs = np.log([self.r, self.alpha, self.s, self.beta])
        return _likelihood(logs, purchases, np.ones(len(purchases)))[0]

    def p_alive(self, purchases: Purchases) -> Doubles:
        """Probability that a customer has not left by the end of the observation, (customers,)."""
        logs = np.log([self.r, self.alpha, self.s, self.beta])
        alive = np.zeros(len(purchases))
        for rows in chunks(len(purchases)):
            _, parts = _parts(logs, purchases.rows(rows))
            alive[rows] = np.exp(parts[:, -1] - logsumexp(parts, axis=1))
        return alive

    def expected_purchases(self, purchases: Purchases, time: Doubles | float) -> Doubles:
        """Expected purchases in the ``time`` after the observation, (customers,).

        The rate of purchase given the data, times the expected time that is left of ``time``.

        Args:
            purchases: of the customers.
            time: from 0 up; one number, or one a customer.
        """
        x, age = purchases.frequency, purchases.age
        ahead = np.broadcast_to(np.asarray(time, np.float64), x.shape)
        if (ahead < 0).any() or not np.isfinite(ahead).all():
            raise InputError("A time to look ahead is below 0 or not finite: give 0 or more.")
        log_ratio = np.log1p(ahead / (self.beta + age))
        power = self.s - 1
        # (1 - exp(-power log_ratio)) / power, and its limit where s is 1.
        left = (self.beta + age) * (
            log_ratio if abs(power) < 1e-9 else -np.expm1(-power * log_ratio) / power
        )
        expected: Doubles = self.p_alive(purchases) * (self.r + x) / (self.alpha + age) * left
        return expected

    def draw(
        self,
        alive: Doubles,
        purchases: Purchases,
        time: Doubles | float,
        rng: np.random.Generator,
    ) -> Doubles:
        """Purchases in the ``time`` after the observation, drawn once a customer, (customers,).

        From what the data leave open of each: alive (``p_alive``) or not; a rate and, given
        alive, a moment of leaving.
        """
        x, age = purchases.frequency, purchases.age
        here = rng.random(len(x)) < alive
        rate = rng.gamma(self.r + x) / (self.alpha + age)
        leave = np.maximum(rng.gamma(self.s, 1.0, len(x)) / (self.beta + age), 1e-12)
        left = np.minimum(rng.exponential(1.0, len(x)) / leave, time)
        return np.where(here, rng.poisson(np.minimum(rate * left, 1e9)), 0).astype(np.float64)


def simulate(
    model: ParetoNbd, age: Doubles, ahead: float, rng: np.random.Generator
) -> tuple[Purchases, Doubles]:
    """Customers as the model has them; as ``bgnbd.simulate``."""
    n = len(age)
    rate = np.maximum(rng.gamma(model.r, 1.0 / model.alpha, n), 1e-12)
    end = rng.exponential(1.0, n) / np.maximum(rng.gamma(model.s, 1.0 / model.beta, n), 1e-12)
    x, t_x, later, now = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    here = np.ones(n, dtype=bool)
    while here.any():
        now = now + rng.exponential(1.0, n) / rate
        here &= now <= np.minimum(age + ahead, end)
        seen = here & (now <= age)
        x[seen] += 1
        t_x[seen] = now[seen]
        later[here & ~seen] += 1
    return Purchases(x, t_x, age, np.zeros(n)), later


def fit(purchases: Purchases) -> tuple[ParetoNbd, Fit]:
    """Fit the model by maximum likelihood; as ``bgnbd.fit``.

    Raises:
        InputError: nobody purchased again.
    """
    if purchases.repeat_customers == 0:
        raise InputError(
            f"Pareto/NBD: none of {len(purchases):,} customers purchased again; there is no rate "
            "to learn. Wait for more data, or take a longer period."
        )
    scale = float(np.mean(purchases.age))
    rows, counts = np.unique(
        np.column_stack([purchases.frequency, purchases.recency, purchases.age]),
        axis=0,
        return_counts=True,
    )
    seen = Purchases(rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale, np.zeros(len(rows)))
    weights = counts.astype(np.float64)
    found = maximise(lambda logs: _likelihood(logs, seen, weights), STARTS, float(len(purchases)))
    logs = found.log_parameters + np.array([0.0, np.log(scale), 0.0, np.log(scale)])
    per_unit = float(purchases.frequency.sum() * np.log(scale))
    ended = Fit(logs, found.log_covariance, found.log_likelihood - per_unit, found.status)
    return ParetoNbd(*np.exp(logs).tolist()), ended


@cache
def _quadrature() -> tuple[Doubles, Doubles]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, np.log(weights / 2)


def chunks(count: int, size: int = 20_000) -> list[slice]:
    """Rows in pieces small enough for a column a node."""
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _parts(logs: Doubles, seen: Purchases) -> tuple[Doubles, Doubles]:
    """Moments of leaving, (customers, nodes + 1), and the log of what each adds to the likelihood.

    The last moment is T: there the part is that of customers who have not left.
    """
    r, alpha, s, beta = np.exp(logs)
    places, log_weights = _quadrature()
    span = seen.age - seen.recency
    gone = seen.recency[:, None] + span[:, None] * places
    with np.errstate(divide="ignore"):
        width = np.log(span)
    left = (
        width[:, None] + log_weights + np.log(s / beta)
        - (s + 1) * np.log1p(gone / beta) - (r + seen.frequency)[:, None] * np.log(alpha + gone)
    )  # fmt: skip
    stays = -s * np.log1p(seen.age / beta) - (r + seen.frequency) * np.log(alpha + seen.age)
    return np.column_stack([gone, seen.age]), np.column_stack([left, stays])


def _likelihood(logs: Doubles, seen: Purchases, weights: Doubles) -> tuple[float, Doubles]:
    """Log-likelihood and its slope by the logs: means over the moments of leaving."""
    r, alpha, s, beta = np.exp(logs)
    x = seen.frequency
    gone, parts = _parts(logs, seen)
    total = logsumexp(parts, axis=1)
    share = np.exp(parts - total[:, None])
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + total
    has_left = np.ones(gone.shape[1])
    has_left[-1] = 0.0

    def mean(values: Doubles) -> Doubles:
        weighted: Doubles = np.einsum("ij,ij->i", share, np.broadcast_to(values, share.shape))
        return weighted

    by_r = digamma(r + x) - digamma(r) + np.log(alpha) - mean(np.log(alpha + gone))
    by_alpha = r / alpha - (r + x) * mean(1 / (alpha + gone))
    by_s = mean(has_left / s) - mean(np.log1p(gone / beta))
    by_beta = mean(-has_left / beta + (s + has_left) * gone / (beta * (beta + gone)))
    slopes = np.array(
        [
            float(weights @ by_r) * r,
            float(weights @ by_alpha) * alpha,
            float(weights @ by_s) * s,
            float(weights @ by_beta) * beta,
        ]
    )
    return float(weights @ value), slopes
