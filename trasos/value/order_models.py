"""Who orders how often from now on: the likeliest of three models, else a rate that all share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from trasos.value import bgnbd, pareto
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit
from trasos.value.params import LtvParams
from trasos.value.purchases import Purchases


class OrderModel(Protocol):
    """What the lifetime value asks of a model of orders."""

    @property
    def name(self) -> str:
        """As tables call it."""

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
    """A model with four parameters, and what its fit leaves open of them.

    Attributes:
        name: ``bg_nbd``, ``mbg_nbd`` or ``pareto_nbd``.
        model: at the estimate.
        fit: how it was fitted.
        parameter_draws: parameters that draws are spread over.
        others: log-likelihoods of the models that were not chosen.
    """

    name: str
    model: bgnbd.BetaGeometric | pareto.ParetoNbd
    fit: Fit
    parameter_draws: int
    others: dict[str, float] = field(default_factory=dict)

    def p_alive(self, purchases: Purchases) -> Doubles:
        """See the model's."""
        return self.model.p_alive(purchases)

    def expected(self, purchases: Purchases, time: Doubles) -> Doubles:
        """At the estimate: see the model's ``expected_purchases``."""
        return self.model.expected_purchases(purchases, time)

    def draws(
        self, purchases: Purchases, time: Doubles, rng: np.random.Generator, count: int
    ) -> Doubles:
        """With parameters from the normal approximation of their logs, some draws of each."""
        parameters = self.fit.draws(rng, min(self.parameter_draws, count)).tolist()
        drawn = []
        for place, row in enumerate(parameters):
            model = self._with(row)
            alive = model.p_alive(purchases)
            times = count // len(parameters) + (place < count % len(parameters))
            drawn += [model.draw(alive, purchases, time, rng) for _ in range(times)]
        return np.stack(drawn)

    def _with(self, parameters: list[float]) -> bgnbd.BetaGeometric | pareto.ParetoNbd:
        if isinstance(self.model, pareto.ParetoNbd):
            return pareto.ParetoNbd(*parameters)
        r, alpha, a, b = parameters
        return bgnbd.BetaGeometric(r, alpha, a, b, self.model.chances)


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


def choose(purchases: Purchases, params: LtvParams) -> tuple[OrderModel | None, str]:
    """The best model that these customers allow, and a status that says why it is this one.

    BG/NBD, MBG/NBD and Pareto/NBD differ in when customers may leave, and have four parameters
    each: the one of greatest likelihood is taken, the first of equals.

    Args:
        purchases: of all customers; of more than ``fit_customers`` every n-th is fitted to.
        params: ``min_repeat_customers``, with fewer of whom no model is tried, and draws.

    Returns:
        The model, None where nothing can be said; and ``fitted``, ``at_bound`` (fitted; a
        parameter has run to the end of its range, as where customers are all alike in it),
        ``not_converged`` or ``too_few_repeat_customers`` (both: pooled rate), or
        ``no_repeat_customers``.
    """
    if purchases.repeat_customers == 0:
        return None, "no_repeat_customers"
    pooled = Pooled(float(purchases.frequency.sum()), float(purchases.age.sum()))
    if purchases.repeat_customers < params.min_repeat_customers:
        return pooled, "too_few_repeat_customers"
    sample = _sample(purchases, params.fit_customers)
    tried: dict[str, tuple[bgnbd.BetaGeometric | pareto.ParetoNbd, Fit]] = {
        "bg_nbd": bgnbd.fit(sample, bgnbd.BG),
        "mbg_nbd": bgnbd.fit(sample, bgnbd.MBG),
        "pareto_nbd": pareto.fit(sample),
    }
    ended = {name: fit for name, (_, fit) in tried.items() if fit.status != "not_converged"}
    if not ended:
        return pooled, "not_converged"
    best = max(ended, key=lambda name: round(ended[name].log_likelihood, 6))
    others = {name: fit.log_likelihood for name, fit in ended.items() if name != best}
    model, fit = tried[best]
    status = "fitted" if fit.status == "converged" else fit.status
    return Fitted(best, model, fit, params.parameter_draws, others), status


def _sample(purchases: Purchases, most: int) -> Purchases:
    """All, or so many of them, taken evenly from all who are alike: no order of rows moves it."""
    if len(purchases) <= most:
        return purchases
    order = np.lexsort((purchases.recency, purchases.frequency, purchases.age))
    places = np.floor((np.arange(most) + 0.5) * len(purchases) / most).astype(np.int64)
    sample = purchases.rows(order[places])
    return sample if sample.repeat_customers else purchases
