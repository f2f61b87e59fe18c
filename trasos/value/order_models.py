"""Who orders how often from now on: BG/NBD where it can be fitted, else a rate that all share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trasos.value import bgnbd
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit
from trasos.value.purchases import Purchases


class OrderModel(Protocol):
    """What the lifetime value asks of a model of orders."""

    name: str

    def p_alive(self, purchases: Purchases) -> Doubles:
        """Probability that a customer has not left; nan where the model does not know."""

    def expected(self, purchases: Purchases, time: Doubles) -> Doubles:
        """Expected orders in the time ahead, (customers,)."""

    def draws(
        self, purchases: Purchases, time: Doubles, rng: np.random.Generator, count: int
    ) -> Doubles:
        """Orders in the time ahead, drawn (count, customers)."""


@dataclass(frozen=True)
class Fitted:
    """BG/NBD, with what its fit leaves open of the parameters."""

    model: bgnbd.BetaGeometric
    fit: Fit
    name: str = "bg_nbd"

    def p_alive(self, purchases: Purchases) -> Doubles:
        """See ``BetaGeometric.p_alive``."""
        return self.model.p_alive(purchases)

    def expected(self, purchases: Purchases, time: Doubles) -> Doubles:
        """At the estimate: see ``BetaGeometric.expected_purchases``."""
        return self.model.expected_purchases(purchases, time)

    def draws(
        self, purchases: Purchases, time: Doubles, rng: np.random.Generator, count: int
    ) -> Doubles:
        """Each draw with parameters of its own, from the normal approximation of their logs."""
        models = [bgnbd.BetaGeometric(*row) for row in self.fit.draws(rng, count).tolist()]
        return np.stack([model.draw(purchases, time, rng) for model in models])


@dataclass(frozen=True)
class Pooled:
    """One rate for everyone, as if nobody left: for shops too small for more.

    Attributes:
        repeats: repeat purchases of all customers.
        exposure: time in which all customers together could have purchased again; above 0.
    """

    repeats: float
    exposure: float
    name: str = "pooled_rate"

    def p_alive(self, purchases: Purchases) -> Doubles:
        """Unknown."""
        return np.full(len(purchases), np.nan)

    def expected(self, purchases: Purchases, time: Doubles) -> Doubles:
        """The rate times the time."""
        return np.broadcast_to(self.repeats / self.exposure * time, (len(purchases),)).copy()

    def draws(
        self, purchases: Purchases, time: Doubles, rng: np.random.Generator, count: int
    ) -> Doubles:
        """Poisson, with the rate drawn from gamma(repeats + 1/2, exposure) (Jeffreys' prior)."""
        rate = rng.gamma(self.repeats + 0.5, 1 / self.exposure, (count, 1))
        time = np.broadcast_to(np.asarray(time, np.float64), (len(purchases),))
        return rng.poisson(rate * time).astype(np.float64)


def choose(purchases: Purchases, min_repeat_customers: int) -> tuple[OrderModel | None, str]:
    """The best model that these customers allow, and a status that says why it is this one.

    Args:
        purchases: of all customers.
        min_repeat_customers: with fewer of them BG/NBD is not tried.

    Returns:
        The model, None where nothing can be said; and ``fitted``, ``at_bound`` (fitted; a
        parameter has run to the end of its range), ``not_converged`` or
        ``too_few_repeat_customers`` (both: pooled rate), or ``no_repeat_customers``.
    """
    if purchases.repeat_customers == 0:
        return None, "no_repeat_customers"
    pooled = Pooled(float(purchases.frequency.sum()), float(purchases.age.sum()))
    if purchases.repeat_customers < min_repeat_customers:
        return pooled, "too_few_repeat_customers"
    model, fit = bgnbd.fit(purchases)
    if fit.status == "not_converged":
        return pooled, fit.status
    return Fitted(model, fit), "fitted" if fit.status == "converged" else fit.status
