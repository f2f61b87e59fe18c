"""Differences against published figures."""

from __future__ import annotations

import csv
import math
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from trasos.errors import ConfigurationError, InputError
from trasos.experiments.cuped import cuped
from trasos.experiments.daily import path
from trasos.experiments.difference import conversion_difference, mean_difference
from trasos.experiments.lift import relative_lift
from trasos.experiments.sample import Sample
from trasos.experiments.sequential import always_valid

HILLSTROM = Path(os.environ.get("TRASOS_DATA", "/nowhere")) / "hillstrom_email_ab/hillstrom.csv"
CONTROL, MENS, WOMENS = "No E-Mail", "Mens E-Mail", "Womens E-Mail"


@pytest.fixture(scope="module")
def hillstrom() -> dict[str, dict[str, np.ndarray]]:
    """Visit and spend by segment, in the order of the file."""
    if not HILLSTROM.is_file():
        pytest.skip("TRASOS_DATA has no hillstrom_email_ab")
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with HILLSTROM.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            for column in ("visit", "spend", "history"):
                found[row["segment"]][column].append(float(row[column]))
            found[row["segment"]]["row"].append(number)
    return {name: {k: np.array(v) for k, v in rows.items()} for name, rows in found.items()}


@pytest.mark.parametrize(
    ("name", "n", "visits", "rate", "lift", "spend"),
    [(MENS, 21_307, 3_894, 18.28, 7.66, 0.770), (WOMENS, 21_387, 3_238, 15.14, 4.52, 0.424)],
)
def test_hillstrom_is_read_as_published(
    hillstrom: dict[str, dict[str, np.ndarray]],
    name: str,
    n: int,
    visits: int,
    rate: float,
    lift: float,
    spend: float,
) -> None:
    control, treatment = hillstrom[CONTROL], hillstrom[name]
    counts = [(int(one["visit"].sum()), len(one["visit"])) for one in (control, treatment)]
    assert counts == [(2_262, 21_306), (visits, n)]
    assert round(100 * counts[0][0] / counts[0][1], 2) == 10.62
    assert round(100 * counts[1][0] / counts[1][1], 2) == rate
    for method in ("newcombe", "normal"):
        found = conversion_difference(counts[0], counts[1], method=method)
        assert round(100 * found.value, 2) == lift
        assert 0 < found.low < found.value < found.high
        # Both groups are so large that every sound interval is 1.96 standard errors.
        p = np.array([c / m for c, m in counts])
        error = math.sqrt(sum(p * (1 - p) / [m for _, m in counts]))
        assert (found.high - found.low) / 2 == pytest.approx(1.95996 * error, rel=2e-3)
        assert found.p_value < 1e-40
    money = mean_difference(Sample.of(control["spend"]), Sample.of(treatment["spend"]))
    assert round(money.value, 3) == spend
    assert money.low > 0


def test_the_sequential_read_out_agrees_with_hillstrom_at_the_end(
    hillstrom: dict[str, dict[str, np.ndarray]],
) -> None:
    """Units in the order of the file, a thousand a day; the same sign, and wider, at every look."""
    control, treatment = hillstrom[CONTROL], hillstrom[MENS]
    for column in ("visit", "spend"):
        values = np.concatenate([control[column], treatment[column]])
        treated = np.repeat([False, True], [len(control[column]), len(treatment[column])])
        day = np.concatenate([control["row"], treatment["row"]]).astype(int) // 1500
        found = path(values, treated, day, planned=len(values), alpha=0.05)
        fixed = mean_difference(Sample.of(control[column]), Sample.of(treatment[column]))
        assert len(found["day"]) == 43
        assert found["difference"][-1] == pytest.approx(fixed.value, rel=1e-9)
        assert (found["fixed_low"][-1], found["fixed_high"][-1]) == pytest.approx(
            (fixed.low, fixed.high), rel=1e-3
        )
        assert 0 < found["sequential_low"][-1] < fixed.low
        assert found["sequential_p_value"][-1] < 0.001
        # Once it has left zero it has decided; it never says the contrary.
        assert (found["sequential_high"] > 0).all()


def test_two_other_libraries_say_the_same_of_hillstrom(
    hillstrom: dict[str, dict[str, np.ndarray]],
) -> None:
    """Goldens made with tea-tasting 1.14.0 (Mean, with and without covariate) and gbstats 0.8.0.

    gbstats (GrowthBook) tunes the sequential interval by an approximation of Lambert's W.
    """
    control, treatment = hillstrom[CONTROL], hillstrom[MENS]
    money = mean_difference(Sample.of(control["spend"]), Sample.of(treatment["spend"]))
    assert (money.low, money.high) == pytest.approx((0.485139732568, 1.054514579221), abs=1e-11)
    adjusted = cuped(
        np.concatenate([control["spend"], treatment["spend"]]),
        np.concatenate([control["history"], treatment["history"]]),
    )
    n = len(control["spend"])
    found = mean_difference(Sample.of(adjusted[:n]), Sample.of(adjusted[n:]))
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.767438499428, 0.482812853796, 1.052064145060), abs=1e-11
    )
    groups = [Sample.of(one["visit"]) for one in (control, treatment)]
    error = math.sqrt(sum(one.variance_of_mean for one in groups))
    anytime = always_valid(groups[1].mean - groups[0].mean, error, 42_613, 42_613)
    assert (anytime.low, anytime.high) == pytest.approx((0.0663129277, 0.0868661996), abs=1e-7)


def test_newcombe_gives_the_intervals_of_his_paper() -> None:
    """Newcombe (1998), table II, method 10, without continuity correction."""
    published = {
        ((48, 80), (56, 70)): (0.0524, 0.3339),
        ((3, 10), (9, 10)): (0.1705, 0.8090),
        ((2, 7), (6, 7)): (0.0582, 0.8062),
        ((0, 29), (5, 56)): (-0.0381, 0.1926),
        ((0, 20), (0, 10)): (-0.1611, 0.2775),
        ((0, 20), (10, 10)): (0.6791, 1.0000),
        ((0, 10), (10, 10)): (0.6075, 1.0000),
    }
    for (control, treatment), bounds in published.items():
        found = conversion_difference(control, treatment)
        assert (found.low, found.high) == pytest.approx(bounds, abs=6e-5)


def test_welch_gives_the_textbook_answer() -> None:
    """Student's sleep data as R's t.test(extra ~ group) has it: t = -1.8608, p = 0.07939."""
    one = Sample.of([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    two = Sample.of([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = mean_difference(two, one)
    assert found.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-7)


def test_nothing_to_compare_is_said_and_nobody_converting_divides_nothing() -> None:
    with pytest.raises(InputError, match="treatment has no units"):
        conversion_difference((1, 10), (0, 0))
    with pytest.raises(InputError, match="needs two or more"):
        mean_difference(Sample.of([1.0]), Sample.of([1.0, 2.0]))
    with pytest.raises(ConfigurationError, match="newcombe or normal"):
        conversion_difference((1, 10), (1, 10), method="exact")
    with pytest.raises(InputError, match="no finite number"):
        Sample.of([1.0, math.nan])
    nobody = conversion_difference((0, 30), (0, 40))
    assert (nobody.value, nobody.p_value) == (0.0, 1.0)
    assert nobody.low < 0 < nobody.high
    same = mean_difference(Sample.of([2.0, 2.0]), Sample.of([2.0, 2.0]))
    assert (same.low, same.high, same.p_value) == (0.0, 0.0, 1.0)


def test_the_lift_is_bounded_where_the_control_is_known_and_says_where_it_is_not() -> None:
    """With a control known exactly Fieller's interval is the treatment's own, scaled."""
    exact, treated = Sample(10**12, 2.0, 1.0), Sample(400, 2.5, 4.0)
    found = relative_lift(exact, treated)
    assert found.value == pytest.approx(0.25)
    assert (found.low, found.high) == pytest.approx(
        (0.25 - 1.959964 * 0.05, 0.25 + 1.959964 * 0.05), rel=1e-5
    )
    unknown = relative_lift(Sample(10, 0.1, 4.0), treated)
    assert unknown.value is not None
    assert unknown.low is unknown.high is None
    assert relative_lift(Sample(10, 0.0, 0.0), treated).value is None


def test_fiellers_interval_is_the_set_of_ratios_that_are_not_refused() -> None:
    """Its definition: at the bound treatment - ratio * control lies 1.96 standard errors off."""
    control, treated = Sample(500, 3.0, 40.0), Sample(400, 3.6, 55.0)
    found = relative_lift(control, treated)
    for bound in (found.low, found.high):
        assert bound is not None
        ratio = 1 + bound
        error = math.sqrt(treated.variance_of_mean + ratio**2 * control.variance_of_mean)
        assert abs(treated.mean - ratio * control.mean) / error == pytest.approx(1.959964, rel=1e-6)
