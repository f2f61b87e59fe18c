"""Experiments drawn again and again on the simulated shop, whose true effect is known.

Arms are dealt out anew to the shop's people, and every visit that reached the till orders anew with
the simulator's own probability, which the treatment multiplies. What people looked at, put into
their carts and would have paid is the shop's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trasos.simulator import SimulationConfig
from trasos.simulator.config import DAY_MS
from trasos.simulator.world import build_world

WINDOW_DAYS = 14


@dataclass(frozen=True)
class Drawn:
    """One experiment's outcome.

    Attributes:
        treated: (persons,) arm.
        converted: (persons,) whether an order was placed within the window.
        revenue: (persons,) value of these orders.
    """

    treated: np.ndarray
    converted: np.ndarray
    revenue: np.ndarray


@dataclass(frozen=True)
class Shop:
    """People whose window closed, and their visits that reached the till within it.

    Attributes:
        n: people.
        person: (visits,) number of the person, 0..n-1.
        probability: (visits,) of an order without treatment.
        value: (visits,) of the cart.
        closed: (persons,) day on which the window closed.
        known: (persons, 2) visits and orders before the test began.
    """

    n: int
    person: np.ndarray
    probability: np.ndarray
    value: np.ndarray
    closed: np.ndarray
    known: np.ndarray

    def effects(self, factor: float) -> tuple[float, float]:
        """True differences of conversion and of revenue a person, in expectation."""
        nobody = [
            np.exp(np.bincount(self.person, np.log1p(-self.probability * f), self.n))
            for f in (factor, 1.0)
        ]
        converted = float((nobody[1] - nobody[0]).mean())
        revenue = float((self.probability * self.value).sum() * (factor - 1) / self.n)
        return converted, revenue

    def draws(self, factor: float, times: int, seed: int) -> Iterator[Drawn]:
        """Experiments, each with arms and orders of its own."""
        rng = np.random.default_rng(seed)
        for _ in range(times):
            treated = rng.random(self.n) < 0.5
            lifted = np.where(treated[self.person], factor, 1.0) * self.probability
            ordered = rng.random(len(self.person)) < lifted
            orders = np.bincount(self.person, ordered, self.n)
            yield Drawn(
                treated,
                (orders > 0).astype(np.float64),
                np.bincount(self.person, ordered * self.value, self.n),
            )


def simulated_shop(config: SimulationConfig) -> Shop:
    """Take the people that the test saw out of a simulated period."""
    world = build_world(config)
    people, behaviour = world.people, world.behaviour
    count = len(behaviour.has_checkout)
    person, start = world.visits.person[:count], world.visits.start_ms[:count]
    in_test = start >= config.experiment_start_ms
    first = np.full(len(people), np.iinfo(np.int64).max)
    seen = in_test & ~world.visits.is_bounce[:count]
    np.minimum.at(first, person[seen], start[seen])
    closes = first + WINDOW_DAYS * DAY_MS
    counted = np.flatnonzero((first < config.end_ms) & (closes <= config.end_ms))
    number = np.full(len(people), -1)
    number[counted] = np.arange(len(counted))

    within = (start >= first[person]) & (start < closes[person]) & behaviour.has_checkout
    rows = np.flatnonzero(within & (number[person] >= 0) & (behaviour.order_probability > 0))
    treated = people.arm[person[rows]] == 1
    probability = behaviour.order_probability[rows] / np.where(
        treated, config.experiment_factor, 1.0
    )
    session, product, quantity = behaviour.cart[:, 0], behaviour.cart[:, 1], behaviour.cart[:, 2]
    cents = world.catalogue.price_cents[product] * quantity
    value = np.bincount(session, cents, count)[rows] / 100
    before = np.flatnonzero(~in_test & (number[person] >= 0))
    known = np.stack(
        [
            np.bincount(number[person[before]], weights, len(counted))
            for weights in (np.ones(len(before)), behaviour.has_order[before].astype(float))
        ],
        axis=1,
    )
    closed = closes[counted] // DAY_MS
    return Shop(len(counted), number[person[rows]], probability, value, closed, known)
