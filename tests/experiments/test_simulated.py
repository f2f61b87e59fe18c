"""What the read-out says of experiments whose truth is known, a thousand of each kind.

The issue asks for 200; a thousand are quick, and leave the band of 93 to 97 % less to luck: the
share of a sound 95 % interval varies by 0.7 points.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.experiments.simulated import Shop, simulated_shop
from trasos.experiments.cuped import cuped
from trasos.experiments.daily import path
from trasos.experiments.difference import conversion_difference, mean_difference
from trasos.experiments.sample import Difference, Sample
from trasos.simulator import SimulationConfig

TIMES = 1000
FACTOR = 1.25


@pytest.fixture(scope="module")
def shop() -> Shop:
    return simulated_shop(SimulationConfig(images=False))


def mean_of(values: np.ndarray, treated: np.ndarray) -> Difference:
    return mean_difference(Sample.of(values[~treated]), Sample.of(values[treated]))


def readings(shop: Shop, factor: float, seed: int) -> dict[str, list[Difference]]:
    """Every fixed reading of each experiment."""
    found: dict[str, list[Difference]] = {
        "newcombe": [], "normal": [], "converted, cuped": [], "revenue": [], "revenue, cuped": [],
    }  # fmt: skip
    for drawn in shop.draws(factor, TIMES, seed):
        counts = [
            (int(drawn.converted[group].sum()), int(group.sum()))
            for group in (~drawn.treated, drawn.treated)
        ]
        for method in ("newcombe", "normal"):
            found[method].append(conversion_difference(counts[0], counts[1], method=method))
        adjusted = cuped(drawn.converted, shop.known)
        found["converted, cuped"].append(mean_of(adjusted, drawn.treated))
        found["revenue"].append(mean_of(drawn.revenue, drawn.treated))
        adjusted = cuped(drawn.revenue, shop.known)
        found["revenue, cuped"].append(mean_of(adjusted, drawn.treated))
    return found


@pytest.fixture(scope="module")
def with_effect(shop: Shop) -> dict[str, list[Difference]]:
    return readings(shop, FACTOR, seed=1)


@pytest.fixture(scope="module")
def without(shop: Shop) -> dict[str, list[Difference]]:
    return readings(shop, 1.0, seed=2)


def truth(shop: Shop, factor: float, reading: str) -> float:
    converted, revenue = shop.effects(factor)
    return revenue if reading.startswith("revenue") else converted


READINGS = ["newcombe", "normal", "converted, cuped", "revenue", "revenue, cuped"]


@pytest.mark.parametrize("reading", READINGS)
def test_intervals_hold_the_true_effect(
    shop: Shop, with_effect: dict[str, list[Difference]], reading: str
) -> None:
    true = truth(shop, FACTOR, reading)
    found = with_effect[reading]
    held = np.mean([one.low <= true <= one.high for one in found])
    print(f"{reading}: {held:.1%} of {len(found)} intervals hold {true:+.4f}")
    assert true > 0
    assert 0.93 <= held <= 0.97
    # No bias either: the mean of all is the truth, to what so many leave open.
    values = np.array([one.value for one in found])
    assert values.mean() == pytest.approx(true, abs=4 * values.std() / math.sqrt(len(values)))


@pytest.mark.parametrize("reading", READINGS)
def test_a_tests_raise_few_false_alarms(without: dict[str, list[Difference]], reading: str) -> None:
    alarms = np.mean([one.p_value < 0.05 for one in without[reading]])
    left_out = np.mean([one.low > 0 or one.high < 0 for one in without[reading]])
    print(f"{reading}: {alarms:.1%} false alarms, {left_out:.1%} intervals without zero")
    assert 0.03 <= alarms <= 0.07
    assert 0.03 <= left_out <= 0.07


def test_cuped_narrows_the_interval_and_moves_nothing(
    with_effect: dict[str, list[Difference]],
) -> None:
    plain, adjusted = (
        np.array([one.high - one.low for one in with_effect[name]])
        for name in ("normal", "converted, cuped")
    )
    print(f"CUPED: intervals of {np.mean(adjusted / plain):.4f} of the width")
    assert np.mean(adjusted / plain) < 0.99


@pytest.mark.parametrize("outcome", ["converted", "revenue"])
def test_daily_looks_fool_the_fixed_interval_and_not_the_sequential_one(
    shop: Shop, outcome: str
) -> None:
    fixed = sequential = 0
    for drawn in shop.draws(1.0, TIMES, seed=3):
        values = getattr(drawn, outcome)
        found = path(values, drawn.treated, shop.closed, shop.n, 0.05, min_persons=50)
        assert len(found["day"]) > 30
        fixed += bool(((found["fixed_low"] > 0) | (found["fixed_high"] < 0)).any())
        sequential += bool(((found["sequential_low"] > 0) | (found["sequential_high"] < 0)).any())
        assert (found["sequential_p_value"][-1] < 0.05) == bool(
            ((found["sequential_low"] > 0) | (found["sequential_high"] < 0)).any()
        )
    print(f"{outcome}, looked at daily: fixed {fixed / TIMES:.1%}, always {sequential / TIMES:.1%}")
    assert fixed / TIMES > 0.10
    assert sequential / TIMES < 0.05


def test_the_sequential_interval_holds_the_truth_on_all_days_and_finds_large_effects(
    shop: Shop,
) -> None:
    """A sequential read-out that never said anything would hold all else."""
    held = found_it = 0
    true, _ = shop.effects(FACTOR)
    for drawn in shop.draws(FACTOR, TIMES, seed=4):
        found = path(drawn.converted, drawn.treated, shop.closed, shop.n, 0.05, min_persons=50)
        low, high = found["sequential_low"], found["sequential_high"]
        held += bool(((low <= true) & (true <= high)).all())
    large = 2.0
    for drawn in shop.draws(large, 200, seed=5):
        found = path(drawn.converted, drawn.treated, shop.closed, shop.n, 0.05, min_persons=50)
        found_it += bool((found["sequential_low"] > 0).any())
    print(
        f"always valid: {held / TIMES:.1%} hold on all days; {found_it / 200:.1%} find a doubling"
    )
    assert held / TIMES > 0.95
    assert found_it / 200 > 0.8
