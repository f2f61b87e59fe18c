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


def test_an_effect_is_found() -> None:
    done = channel_test(*visits(1, 0.25))
    assert done.status == "tested"
    assert done.wald_p < 1e-6
    assert done.degrees_of_freedom == 3


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
        ([0, 1, 0], [0, 1, 1], [1, 0, 1], "fewer persons than channels"),
    ],
)
def test_what_cannot_be_tested_says_why(
    channel: list[int], person: list[int], ordered: list[int], status: str
) -> None:
    done = channel_test(np.array(channel, int), np.array(person, int), np.array(ordered, bool))
    assert done.status == status
    assert np.isnan(done.wald_p)
