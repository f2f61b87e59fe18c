from __future__ import annotations

import numpy as np
import pytest

from trasos.marketing import channel_test


def visits(seed: int, effect: float, persons: int = 400) -> tuple[np.ndarray, ...]:
    """Persons with several visits by one channel each, some of them readier to buy than others."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(persons), rng.integers(1, 12, persons))
    channel = rng.integers(0, 4, persons)[person]
    readiness = rng.beta(0.4, 2.0, persons)[person]
    return channel, person, rng.random(len(person)) < readiness + effect * (channel == 0)


def test_false_alarms_are_as_rare_as_promised_where_a_plain_test_cries_wolf() -> None:
    done = [channel_test(*visits(seed, 0.0)) for seed in range(200)]
    wald = sum(test.wald_p < 0.05 for test in done)
    plain = sum(test.chi_square_p < 0.05 for test in done)
    # 10 of 200 are expected: three standard deviations, and the small-sample excess of Wald's.
    assert wald <= 22
    assert plain > 60


@pytest.mark.filterwarnings("error")
def test_shops_with_few_orders_raise_few_false_alarms() -> None:
    """Seven channels, the smallest of which expects four orders, in 300 shops: 15 are expected."""
    rng = np.random.default_rng(1)
    share = 1 / np.arange(1, 8)
    alarms = 0
    for _ in range(300):
        person = np.repeat(np.arange(400), rng.integers(1, 8, 400))
        habit = rng.choice(7, p=share / share.sum(), size=400)[person]
        strays = rng.random(len(person)) < 0.4
        channel = np.where(strays, rng.choice(7, p=share / share.sum(), size=len(person)), habit)
        ordered = rng.random(len(person)) < rng.beta(0.4, 7.6, 400)[person]
        test = channel_test(channel, person, ordered)
        assert test.status == "tested" and test.n_channels == test.degrees_of_freedom + 1
        alarms += test.wald_p < 0.05
    # Three standard deviations, and the small-sample excess of Wald's.
    assert alarms <= 30


def test_channels_too_small_to_test_alone_are_tested_together() -> None:
    channel = np.repeat([0, 1, 2, 3], [200, 100, 40, 10])
    ordered = np.arange(350) % 10 == 0
    person = np.arange(350)
    # 20, 10, 4 and 1 orders are expected: the last two make 5, and take the next along.
    assert channel_test(channel, person, ordered).n_channels == 2
    together = np.minimum(channel, 1)
    assert channel_test(channel, person, ordered) == channel_test(together, person, ordered)


def test_an_effect_is_found() -> None:
    done = channel_test(*visits(1, 0.25))
    assert done.status == "tested"
    assert done.wald_p < 1e-6
    assert done.degrees_of_freedom == 3


def test_the_order_of_visits_changes_no_bit() -> None:
    columns = visits(2, 0.1)
    shuffled = np.random.default_rng(3).permutation(len(columns[0]))
    assert channel_test(*(column[shuffled] for column in columns)) == channel_test(*columns)


def test_the_plain_statistic_is_the_textbooks() -> None:
    """Two channels, 10 of 100 and 20 of 100: chi-square 3.9216 without correction."""
    channel = np.repeat([0, 1], 100)
    ordered = np.concatenate([np.arange(100) < 10, np.arange(100) < 20])
    done = channel_test(channel, np.arange(200), ordered)
    assert done.chi_square == pytest.approx(3.9216, abs=1e-4)
    assert done.cramers_v == pytest.approx(np.sqrt(3.9216 / 200), abs=1e-5)


@pytest.mark.parametrize(
    ("channel", "person", "ordered", "status"),
    [
        ([0, 0, 0], [0, 1, 2], [1, 0, 1], "fewer than two channels"),
        ([], [], [], "fewer than two channels"),
        ([0, 1, 0], [0, 1, 2], [0, 0, 0], "no orders"),
        ([0, 1, 0], [0, 1, 2], [1, 1, 1], "only orders"),
        ([0, 1, 0], [0, 1, 2], [1, 0, 1], "too few orders"),
        ([0, 1] * 40, [0, 1] * 40, [0, 1, 1, 0] * 20, "fewer persons than channels"),
    ],
)
def test_what_cannot_be_tested_says_why(
    channel: list[int], person: list[int], ordered: list[int], status: str
) -> None:
    done = channel_test(np.array(channel, int), np.array(person, int), np.array(ordered, bool))
    assert done.status == status
    assert np.isnan(done.wald_p)
