"""BG/NBD: how many purchases a customer will still make, and whether they are still there.

Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD
model", Marketing Science 24. While there, a customer purchases at random moments with a rate of
their own (gamma distributed over customers: r, alpha); after each repeat purchase they leave for
good with a probability of their own (beta distributed: a, b).

MBG/NBD (Batislam, Denizel & Filiztekin 2007, "Empirical validation and comparison of models for
customer base analysis", International Journal of Research in Marketing 24) is the same but for one
thing: they may leave after the first purchase as well. Both are here, told apart by ``chances``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from trasos.errors import InputError
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit, maximise
from trasos.value.purchases import Purchases

MAX_TERMS = 100_000
TAIL = 1e-10
BG, MBG = 0, 1
"""Chances to leave that the first purchase brings."""
STARTS = (
    (0.0, 0.0, 0.0, 0.0),
    (-1.0, 0.0, -0.5, 1.0),
    (1.0, 2.0, -2.0, 1.0),
    (-1.0, 0.0, 2.0, 4.0),
)


@dataclass(frozen=True)
class BetaGeometric:
    """The four parameters; ``alpha`` is in the unit of time of the data.

    Attributes:
        r: shape of the rates; small means that customers differ much.
        alpha: r / alpha is the mean rate, purchases a unit of time.
        a: a / (a + b) is the mean probability of leaving after a purchase.
        b: see ``a``.
        chances: to leave that the first purchase brings: ``BG`` (0) or ``MBG`` (1).
    """

    r: float
    alpha: float
    a: float
    b: float
    chances: int = BG

    def log_likelihood(self, purchases: Purchases) -> float:
        """Of all customers together."""
        logs = np.log([self.r, self.alpha, self.a, self.b])
        return _likelihood(logs, purchases, np.ones(len(purchases)), self.chances)[0]

    def p_alive(self, purchases: Purchases) -> Doubles:
        """Probability that a customer has not left by the end of the observation, (customers,).

        1 for customers who had no chance to leave: in BG/NBD those without a repeat purchase.
        """
        x, t_x, age = purchases.frequency, purchases.recency, purchases.age
        had = x + self.chances
        log_odds = (
            np.log(self.a)
            - np.log(self.b + np.maximum(had, 1) - 1)
            + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + t_x))
        )
        alive: Doubles = np.where(had > 0, expit(-log_odds), 1.0)
        return alive

    def expected_purchases(self, purchases: Purchases, time: Doubles | float) -> Doubles:
        """Expected purchases in the ``time`` after the observation, (customers,).

        The sum over k of P(at least k purchases): a customer who is there would make a negative
        binomial number of purchases if they never left, and leaves after a beta-geometric number
        of them; given the data the two are independent, so the tails multiply. It equals equation
        (10) of the paper, whose form 0/0 at a = 1 and whose hypergeometric series fails for heavy
        buyers this one has not.

        Args:
            purchases: of the customers.
            time: from 0 up; one number, or one a customer.
        """
        x = purchases.frequency
        time = np.broadcast_to(np.asarray(time, np.float64), x.shape)
        if (time < 0).any() or not np.isfinite(time).all():
            raise InputError("A time to look ahead is below 0 or not finite: give 0 or more.")
        had = x + self.chances
        shape, share = self.r + x, time / (self.alpha + purchases.age + time)
        mass = np.exp(shape * np.log1p(-share))
        at_least, stays = 1.0 - mass, np.ones_like(x)
        total = np.zeros_like(x)
        # Beyond its mode a negative binomial falls like a geometric one of this share.
        for k in range(1, MAX_TERMS):
            total += at_least * stays
            if np.max(at_least * stays / np.maximum(1.0 - share, 1e-12), initial=0.0) < TAIL:
                break
            stays = stays * (self.b + had + k - 1) / (self.a + self.b + had + k - 1)
            mass = mass * (shape + k - 1) / k * share
            at_least = np.maximum(at_least - mass, 0.0)
        return self.p_alive(purchases) * total

    def draw(
        self,
        alive: Doubles,
        purchases: Purchases,
        time: Doubles | float,
        rng: np.random.Generator,
    ) -> Doubles:
        """Purchases in the ``time`` after the observation, drawn once a customer, (customers,).

        From what the data leave open of each: alive (``p_alive``) or not; a rate from
        gamma(r + x, alpha + T) and a probability of leaving from beta(a, b + x), independent
        given alive.
        """
        x, age = purchases.frequency, purchases.age
        here = rng.random(len(x)) < alive
        rate = rng.gamma(self.r + x) / (self.alpha + age)
        wanted = rng.poisson(np.minimum(rate * time, 1e9))
        leave = np.clip(rng.beta(self.a, self.b + x + self.chances), 1e-12, 1.0)
        until = rng.geometric(leave)
        return np.where(here, np.minimum(wanted, until), 0).astype(np.float64)


def simulate(
    model: BetaGeometric, age: Doubles, ahead: float, rng: np.random.Generator
) -> tuple[Purchases, Doubles]:
    """Customers as the model has them: for tests and for looking at a model.

    Args:
        model: the truth.
        age: (customers,) T of each.
        ahead: time beyond T that is simulated too.
        rng: the source of chance.

    Returns:
        What is seen by T (values 0), and (customers,) purchases in the time ahead.
    """
    n = len(age)
    rate = rng.gamma(model.r, 1.0 / model.alpha, n)
    leave = rng.beta(model.a, model.b, n)
    x, t_x, later = np.zeros(n), np.zeros(n), np.zeros(n)
    now, here = np.zeros(n), np.ones(n, dtype=bool)
    if model.chances:
        here &= rng.random(n) >= leave
    while here.any():
        now = now + rng.exponential(1.0, n) / np.maximum(rate, 1e-12)
        here &= now <= age + ahead
        seen = here & (now <= age)
        x[seen] += 1
        t_x[seen] = now[seen]
        later[here & ~seen] += 1
        here &= rng.random(n) >= leave
    return Purchases(x, t_x, age, np.zeros(n)), later


def fit(purchases: Purchases, chances: int = BG) -> tuple[BetaGeometric, Fit]:
    """Fit the model by maximum likelihood.

    Customers who share x, t_x and T are counted, not repeated; time is scaled within, so that no
    unit of it is better than another.

    Args:
        purchases: of all customers.
        chances: ``BG`` or ``MBG``.

    Returns:
        The model, and how the fit ended; its ``log_likelihood`` is in the unit of time given, and
        so is ``log_parameters``.

    Raises:
        InputError: nobody purchased again, or nobody was seen for longer than a moment: no model
            can tell a rate from that.
    """
    if purchases.repeat_customers == 0:
        raise InputError(
            f"BG/NBD: none of {len(purchases):,} customers purchased again; there is no rate to "
            "learn. Wait for more data, or take a longer period."
        )
    scale = float(np.mean(purchases.age))
    rows, counts = np.unique(
        np.column_stack([purchases.frequency, purchases.recency, purchases.age]),
        axis=0,
        return_counts=True,
    )
    seen = Purchases(rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale, np.zeros(len(rows)))
    weights = counts.astype(np.float64)
    found = maximise(
        lambda logs: _likelihood(logs, seen, weights, chances), STARTS, float(len(purchases))
    )
    shift = np.array([0.0, np.log(scale), 0.0, 0.0])
    logs = found.log_parameters + shift
    per_unit = float(purchases.frequency.sum() * np.log(scale))
    ended = Fit(logs, found.log_covariance, found.log_likelihood - per_unit, found.status)
    r, alpha, a, b = np.exp(logs).tolist()
    return BetaGeometric(r, alpha, a, b, chances), ended


def _likelihood(
    logs: Doubles, seen: Purchases, weights: Doubles, chances: int
) -> tuple[float, Doubles]:
    """Log-likelihood and its slope by the logs; the paper's equation (6), in logs throughout."""
    r, alpha, a, b = np.exp(logs)
    x, t_x, age = seen.frequency, seen.recency, seen.age
    had = x + chances
    has, had1 = had > 0, np.maximum(had, 1)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + had) - betaln(a, b)
    stayed = -(r + x) * np.log(alpha + age)
    left = np.log(a) - np.log(b + had1 - 1) - (r + x) * np.log(alpha + t_x)
    w = np.where(has, expit(left - stayed), 0.0)
    value = common + np.where(has, np.logaddexp(stayed, np.where(has, left, 0.0)), stayed)

    both = digamma(a + b) - digamma(a + b + had)
    by_r = (
        digamma(r + x) - digamma(r) + np.log(alpha)
        - (1 - w) * np.log(alpha + age) - w * np.log(alpha + t_x)
    )  # fmt: skip
    by_alpha = r / alpha - (r + x) * ((1 - w) / (alpha + age) + w / (alpha + t_x))
    by_a = both + w / a
    by_b = both + digamma(b + had) - digamma(b) - w / (b + had1 - 1)
    slopes = np.array(
        [
            float(weights @ by_r) * r,
            float(weights @ by_alpha) * alpha,
            float(weights @ by_a) * a,
            float(weights @ by_b) * b,
        ]
    )
    return float(weights @ value), slopes
