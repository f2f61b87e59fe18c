"""What an order is worth: Gamma-Gamma where it can be fitted, else the mean of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trasos.value import gamma_gamma
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit


class ValueModel(Protocol):
    """What the lifetime value asks of a model of order values."""

    @property
    def name(self) -> str:
        """As tables call it."""

    def expected(self, frequency: Doubles, value: Doubles) -> Doubles:
        """Expected value of a customer's order, (customers,)."""

    def draws(
        self, frequency: Doubles, value: Doubles, counts: Doubles, rng: np.random.Generator
    ) -> Doubles:
        """Value of so many orders together, drawn: the shape of ``counts``, (draws, customers)."""


@dataclass(frozen=True)
class Fitted:
    """Gamma-Gamma, with what its fit leaves open; orders that bring nothing are drawn as well.

    Attributes:
        model: of the value of an order that brings something.
        fit: how the model was fitted.
        valued_share: share of orders that bring something: of others all was sent back.
    """

    model: gamma_gamma.GammaGamma
    fit: Fit
    valued_share: float
    name: str = "gamma_gamma"

    def expected(self, frequency: Doubles, value: Doubles) -> Doubles:
        """At the estimate; see ``GammaGamma.expected_value``."""
        return self.valued_share * self.model.expected_value(frequency, value)

    def draws(
        self, frequency: Doubles, value: Doubles, counts: Doubles, rng: np.random.Generator
    ) -> Doubles:
        """Each draw with parameters of its own."""
        rows = []
        for parameters, row in zip(self.fit.draws(rng, len(counts)).tolist(), counts, strict=True):
            valued = rng.binomial(row.astype(np.int64), self.valued_share).astype(np.float64)
            model = gamma_gamma.GammaGamma(*parameters)
            rows.append(model.draw(frequency, value, valued, rng))
        return np.stack(rows)


@dataclass(frozen=True)
class Mean:
    """One value for every order."""

    value: float
    name: str = "mean_value"

    def expected(self, frequency: Doubles, value: Doubles) -> Doubles:
        """The same for everyone."""
        return np.full(len(frequency), self.value)

    def draws(
        self, frequency: Doubles, value: Doubles, counts: Doubles, rng: np.random.Generator
    ) -> Doubles:
        """Only the number of orders varies."""
        return counts * self.value


def choose(
    orders: Doubles, frequency: Doubles, value: Doubles, mean_of_all: float, min_customers: int
) -> tuple[ValueModel | None, str]:
    """The best model that these values allow, and a status that says why it is this one.

    Args:
        orders: (customers,) repeat orders.
        frequency: (customers,) those of them that brought something.
        value: (customers,) mean value of those; 0 without one.
        mean_of_all: mean value of an order, first ones and empty ones too; nan without orders.
        min_customers: with fewer customers who have a value Gamma-Gamma is not tried.

    Returns:
        The model, None where no order brought anything; and ``fitted``, ``at_bound``,
        ``not_converged``, ``too_few_values``, ``all_values_equal``, ``no_mean`` (q <= 1: the
        fitted values have no mean), the last four with the mean of all; or ``no_value``.
    """
    if not mean_of_all > 0:
        return None, "no_value"
    has = frequency > 0
    mean = Mean(mean_of_all)
    if int(has.sum()) < min_customers:
        return mean, "too_few_values"
    if np.ptp(value[has]) <= 1e-9 * value[has].max():
        return mean, "all_values_equal"
    model, fit = gamma_gamma.fit(frequency[has], value[has])
    if fit.status == "not_converged":
        return mean, fit.status
    if model.q <= 1:
        return mean, "no_mean"
    share = float(frequency.sum() / orders.sum())
    return Fitted(model, fit, share), "fitted" if fit.status == "converged" else fit.status
