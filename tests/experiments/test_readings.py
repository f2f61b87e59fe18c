"""Sample ratio, guard-rails, CUPED, sequential intervals, segments, power: by known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trasos.errors import ConfigurationError, InputError
from trasos.experiments.cuped import cuped
from trasos.experiments.guard_rails import guard_rail
from trasos.experiments.power import (
    conversion_power,
    conversion_sample,
    mean_power,
    minimal_detectable_lift,
)
from trasos.experiments.sample import Sample
from trasos.experiments.sample_ratio import sample_ratio
from trasos.experiments.segments import corrected, heterogeneity
from trasos.experiments.sequential import always_valid, always_valid_factor, mixture_weight


def test_a_sample_ratio_as_published() -> None:
    """Kohavi, Tang and Xu (2020), chapter 3: 821,588 against 815,482 users, p = 1.8e-6."""
    found = sample_ratio([821_588, 815_482], [1, 1])
    assert found.p_value == pytest.approx(1.8e-6, abs=0.05e-6)
    assert found.is_mismatch
    assert not sample_ratio([5_020, 4_980], [5000, 5000]).is_mismatch
    assert not sample_ratio([9_020, 980], [9000, 1000]).is_mismatch
    assert sample_ratio([9_020, 980], [5000, 5000]).is_mismatch


def test_a_sample_ratio_without_units_or_with_units_that_none_should_have() -> None:
    with pytest.raises(InputError, match="nobody was exposed"):
        sample_ratio([0, 0], [1, 1])
    with pytest.raises(InputError, match="do not fit"):
        sample_ratio([1, 2], [1])
    assert sample_ratio([10, 1], [1, 0]).is_mismatch
    assert not sample_ratio([10, 0], [1, 0]).is_mismatch


def test_guard_rails_hold_break_or_stay_open() -> None:
    control = Sample(20_000, 10.0, 400.0)
    assert guard_rail(control, Sample(20_000, 9.9, 400.0), 0.05).verdict == "held"
    assert guard_rail(control, Sample(20_000, 9.0, 400.0), 0.05).verdict == "broken"
    assert guard_rail(control, Sample(20_000, 9.5, 400.0), 0.05).verdict == "open"
    assert guard_rail(control, Sample(20_000, 10.0, 400.0), 0.05, False).verdict == "held"
    assert guard_rail(control, Sample(20_000, 11.5, 400.0), 0.05, False).verdict == "broken"
    assert guard_rail(Sample(9, 0.0, 0.0), Sample(9, 0.0, 0.0), 0.05).verdict == "open"
    # Means of 10 with errors of 1: 10 - 0.8 * 10 over the root of 1 + 0.64.
    same = guard_rail(Sample(100, 10.0, 100.0), Sample(100, 10.0, 100.0), 0.2)
    assert same.z == pytest.approx(2 / math.sqrt(1.64))
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        guard_rail(control, control, 1.5)


def test_a_harm_at_the_margin_passes_a_guard_rail_as_seldom_as_alpha_says() -> None:
    rng = np.random.default_rng(5)
    held = sum(
        guard_rail(Sample.of(rng.normal(10, 5, 400)), Sample.of(rng.normal(9, 5, 400)), 0.1).verdict
        == "held"
        for _ in range(2000)
    )
    assert 0.035 < held / 2000 < 0.065


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 60), st.integers(1, 3))
def test_cuped_keeps_the_mean_and_takes_out_what_is_foretold(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    known = rng.normal(size=(n, k))
    values = rng.normal(size=n) + known.sum(axis=1)
    adjusted = cuped(values, known)
    assert adjusted.mean() == pytest.approx(values.mean(), abs=1e-9)
    centred = known - known.mean(axis=0)
    assert np.abs(centred.T @ adjusted).max() < 1e-6 * n
    assert adjusted.var() <= values.var() + 1e-12


def test_cuped_takes_out_the_share_that_the_paper_says() -> None:
    """Deng et al. (2013), equation 5: the variance falls by the squared correlation."""
    rng = np.random.default_rng(1)
    known = rng.normal(size=4000)
    values = 0.6 * known + 0.8 * rng.normal(size=4000)
    rho = np.corrcoef(known, values)[0, 1]
    assert cuped(values, known).var() == pytest.approx(values.var() * (1 - rho**2), rel=1e-9)


def test_cuped_without_a_past_changes_nothing() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert cuped(values, np.zeros((3, 2))).tolist() == values.tolist()
    assert not len(cuped(np.zeros(0), np.zeros((0, 1))))
    with pytest.raises(InputError, match="one row a unit"):
        cuped(values, np.zeros(2))
    with pytest.raises(InputError, match="not finite"):
        cuped(values, np.array([1.0, np.nan, 0.0]))


def test_the_mixture_is_tightest_where_the_sample_is_planned() -> None:
    weight = mixture_weight(0.05)
    around = weight * np.linspace(0.5, 2.0, 3001)
    width = (around + 1) / around * np.log((around + 1) / 0.05**2)
    assert around[width.argmin()] == pytest.approx(weight, rel=1e-3)


def test_the_always_valid_factor_is_the_mixture_of_robbins() -> None:
    """By integration: the mixed likelihood ratio is 1 / alpha where the interval ends."""
    for share, alpha in ((0.2, 0.05), (1.0, 0.05), (3.0, 0.01)):
        z = float(always_valid_factor(share, alpha))
        weighted = mixture_weight(alpha) * share
        grid = np.linspace(-60, 60, 200_001)
        # Effects in standard errors, drawn from a normal with this variance.
        density = np.exp(-(grid**2) / (2 * weighted)) / math.sqrt(2 * math.pi * weighted)
        ratio = np.trapezoid(np.exp(z * grid - grid**2 / 2) * density, grid)
        assert ratio == pytest.approx(1 / alpha, rel=1e-6)
        at_bound = always_valid(z, 1.0, round(1000 * share), 1000, alpha)
        assert at_bound.p_value == pytest.approx(alpha, rel=1e-9)
        assert at_bound.low == pytest.approx(0.0, abs=1e-9)


def test_an_always_valid_reading_of_nothing_says_nothing() -> None:
    found = always_valid(0.0, 0.0, 10, 100)
    assert (found.low, found.high, found.p_value) == (-math.inf, math.inf, 1.0)
    with pytest.raises(ConfigurationError, match="units are planned"):
        always_valid(1.0, 1.0, 10, 0)
    with pytest.raises(ConfigurationError, match="alpha"):
        always_valid_factor(1.0, 1.0)


def test_corrections_give_the_textbook_answers() -> None:
    """As R's p.adjust gives them."""
    p_values = [0.01, 0.02, 0.03, 0.04]
    assert corrected(p_values).tolist() == pytest.approx([0.04, 0.06, 0.06, 0.06])
    found = corrected(p_values, "benjamini_hochberg").tolist()
    assert found == pytest.approx([0.04, 0.04, 0.04, 0.04])
    assert not len(corrected([]))
    with pytest.raises(ConfigurationError, match="holm or"):
        corrected(p_values, "bonferroni")


def test_heterogeneity_is_cochrans_q() -> None:
    """Two segments: the square of their difference in standard errors, one degree of freedom."""
    assert heterogeneity([1.0, 3.0], [1.0, 1.0]) == pytest.approx(0.1572992, rel=1e-6)
    assert heterogeneity([2.0, 2.0, 2.0], [0.1, 1.0, 3.0]) == pytest.approx(1.0)
    assert heterogeneity([1.0], [1.0]) is None
    assert heterogeneity([1.0, 2.0], [1.0, 0.0]) is None


def test_power_gives_the_answers_of_r() -> None:
    """power.prop.test(n = 50, p1 = .50, p2 = .75) has power 0.740, as R's help says.

    power.prop.test(p1 = .50, p2 = .75, power = .90) wants 76.7 a group.
    """
    assert conversion_power(50, 50, 0.5, 0.5) == pytest.approx(0.740, abs=5e-4)
    assert conversion_sample(0.5, 0.5, power=0.9) == math.ceil(2 * 76.693)
    assert mean_power(64, 64, 0.5, 1.0) == pytest.approx(0.8074, abs=1e-3)


def test_sample_lift_and_power_are_one_relation() -> None:
    n = conversion_sample(0.05, 0.1, treatment_share=0.3)
    assert conversion_power(0.7 * n, 0.3 * n, 0.05, 0.1) == pytest.approx(0.8, abs=1e-4)
    assert minimal_detectable_lift(n, 0.05, treatment_share=0.3) == pytest.approx(0.1, rel=1e-3)
    assert n > conversion_sample(0.05, 0.1)
    assert minimal_detectable_lift(3, 0.05) is None


@pytest.mark.parametrize(
    ("baseline", "lift", "said"),
    [(0.0, 0.1, "baseline"), (0.05, 0.0, "lift of 0"), (0.6, 0.9, "no share")],
)
def test_samples_that_nobody_can_name_are_refused(baseline: float, lift: float, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        conversion_sample(baseline, lift)
