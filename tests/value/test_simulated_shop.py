"""Expected orders and the probability of being there, beside what the simulator did and knows.

The simulator's people stay for an exponential time with a mean of 110 days, and order while they
stay. The period is long enough to see them leave. It is no textbook: conversion moves with stock
and season, so errors are wider than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from trasos.simulator import SimulationConfig
from trasos.simulator.world import build_world
from trasos.value import order_models
from trasos.value.order_models import Fitted
from trasos.value.params import LtvParams
from trasos.value.purchases import Purchases, from_log

CUT = 200
CONFIG = SimulationConfig(seed=20260701, people=4_000, days=300, products=300, images=False)


@dataclass(frozen=True)
class Known:
    """What was seen by the cut, and what was true after it."""

    seen: Purchases
    later: np.ndarray
    is_there: np.ndarray
    model: Fitted
    ahead: float


@pytest.fixture(scope="module")
def shop() -> Known:
    world = build_world(CONFIG, lambda *_: None)
    orders = world.orders
    sound = np.array([status != "cancelled" for status in orders.status])
    person = world.visits.person[orders.session][sound]
    day = ((orders.ordered_ms - CONFIG.start_ms) // 86_400_000)[sound]
    ids, seen = from_log(person, day, orders.items[sound] / 100, CUT)
    after = np.unique(np.column_stack([person, day])[day > CUT], axis=0)
    later = np.bincount(after[:, 0], minlength=CONFIG.people)[ids].astype(np.float64)
    model, status = order_models.choose(seen, LtvParams())
    assert isinstance(model, Fitted) and status in ("fitted", "at_bound")
    is_there = world.people.last_day[ids] > CUT
    return Known(seen, later, is_there, model, float(CONFIG.days - 1 - CUT))


def test_a_model_in_which_customers_leave_between_orders_is_chosen(shop: Known) -> None:
    """As they do here: BG/NBD, in which who ordered once never leaves, is less likely."""
    assert shop.model.name in ("pareto_nbd", "mbg_nbd")
    assert shop.model.fit.log_likelihood > shop.model.others["bg_nbd"] + 2


def test_expected_orders_of_the_hold_out(
    shop: Known, record_property: pytest.RecordProperty
) -> None:
    ahead = np.full(len(shop.seen), shop.ahead)
    expected = shop.model.expected(shop.seen, ahead)
    naive = shop.seen.frequency / np.maximum(shop.seen.age, 1) * shop.ahead
    errors = {
        "true": float(shop.later.sum()),
        "expected": float(expected.sum()),
        "mae": float(np.abs(expected - shop.later).mean()),
        "naive mae": float(np.abs(naive - shop.later).mean()),
    }
    record_property("hold-out", {name: round(value, 3) for name, value in errors.items()})
    assert abs(errors["expected"] / errors["true"] - 1) < 0.35
    assert errors["mae"] < 0.75 * errors["naive mae"]
    # Tenths by expectation rise as the truth does.
    tenths = np.array_split(np.argsort(expected, kind="stable"), 10)
    assert shop.later[tenths[-1]].mean() > 2 * shop.later.mean()
    assert shop.later[np.concatenate(tenths[:5])].mean() < 0.5 * shop.later.mean()


def test_intervals_hold_customers_orders(
    shop: Known, record_property: pytest.RecordProperty
) -> None:
    rng = np.random.default_rng(0)
    drawn = shop.model.draws(shop.seen, np.full(len(shop.seen), shop.ahead), rng, 200)
    low, high = np.quantile(drawn, (0.05, 0.95), axis=0, method="inverted_cdf")
    inside = float(((shop.later >= low) & (shop.later <= high)).mean())
    record_property("coverage", inside)
    assert inside >= 0.9


def test_who_is_still_there_is_told_from_who_has_left(
    shop: Known, record_property: pytest.RecordProperty
) -> None:
    """Beside the simulator's true last day."""
    alive = shop.model.p_alive(shop.seen)
    auc = float(roc_auc_score(shop.is_there, alive))
    brier = float(np.mean((alive - shop.is_there) ** 2))
    base = float(np.mean((shop.is_there.mean() - shop.is_there) ** 2))
    figures = {"auc": auc, "brier": brier, "brier of the mean": base,
               "mean": float(alive.mean()), "true share": float(shop.is_there.mean())}  # fmt: skip
    record_property("p_alive", {name: round(value, 3) for name, value in figures.items()})
    assert auc > 0.75 and brier < 0.8 * base
    assert abs(alive.mean() - shop.is_there.mean()) < 0.12
