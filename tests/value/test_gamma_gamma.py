from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from trasos.errors import InputError
from trasos.value import gamma_gamma, value_models
from trasos.value.arrays import Doubles
from trasos.value.gamma_gamma import GammaGamma

TRUTH = GammaGamma(6.0, 4.0, 15.0)


def simulated(n: int, seed: int = 0) -> tuple[Doubles, Doubles, Doubles]:
    """Purchases, their mean, and the customer's own true mean."""
    rng = np.random.default_rng(seed)
    nu = rng.gamma(TRUTH.q, 1 / TRUTH.gamma, n)
    x = rng.integers(1, 8, n).astype(float)
    return x, rng.gamma(TRUTH.p * x) / nu / x, TRUTH.p / nu


def test_known_parameters_are_found() -> None:
    x, z, _ = simulated(8_000)
    model, fit = gamma_gamma.fit(x, z)
    assert fit.status == "converged"
    spread = np.sqrt(np.diag(fit.log_covariance))
    known = np.log([TRUTH.p, TRUTH.q, TRUTH.gamma])
    assert (np.abs(fit.log_parameters - known) < 3 * spread).all()
    assert model.mean == pytest.approx(TRUTH.mean, rel=0.03)


def test_slopes_are_those_of_the_likelihood() -> None:
    x, z, _ = simulated(200)
    logs = np.array([1.5, 1.2, 2.0])
    numeric = approx_fprime(logs, lambda at: gamma_gamma._likelihood(at, x, z)[0], 1e-6)
    np.testing.assert_allclose(gamma_gamma._likelihood(logs, x, z)[1], numeric, rtol=1e-3)


def test_expected_values_beat_the_own_mean_and_everyones_mean() -> None:
    x, z, truth = simulated(4_000, seed=1)
    model, _ = gamma_gamma.fit(x, z)
    expected = model.expected_value(x, z)

    def missed(values: Doubles | float) -> float:
        return float(np.mean((values - truth) ** 2))

    assert missed(expected) < missed(z) and missed(expected) < missed(z.mean())
    nobody = model.expected_value(np.zeros(1), np.zeros(1))
    assert nobody[0] == pytest.approx(model.mean)


def test_drawn_totals_have_the_expected_mean() -> None:
    n = 4_000
    rng = np.random.default_rng(0)
    x, z = np.full(n, 3.0), np.full(n, 40.0)
    drawn = TRUTH.draw(x, z, np.full(n, 2.0), rng)
    assert drawn.mean() == pytest.approx(2 * TRUTH.expected_value(x, z)[0], rel=0.03)
    assert TRUTH.draw(x, z, np.zeros(n), rng).sum() == 0


@pytest.mark.parametrize(
    ("x", "z", "says"),
    [
        ([1.0], [5.0], "at least two"),
        ([1.0, 0.0], [5.0, 4.0], "at least one purchase"),
        ([1.0, 1.0], [5.0, 0.0], "above 0"),
        ([1.0, 2.0, 1.0], [5.0, 5.0, 5.0], "same value 5"),
    ],
)
def test_values_that_tell_nothing_are_refused(x: list[float], z: list[float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        gamma_gamma.fit(np.array(x), np.array(z))


def test_every_stand_in_says_why() -> None:
    x, z, _ = simulated(100)

    def status(frequency: Doubles, value: Doubles, mean: float = 30.0) -> tuple[str | None, str]:
        model, why = value_models.choose(frequency, frequency, value, mean, 30)
        return (None if model is None else model.name), why

    assert status(x, z) == ("gamma_gamma", "fitted")
    assert status(x[:10], z[:10]) == ("mean_value", "too_few_values")
    assert status(x, np.full(100, 7.0)) == ("mean_value", "all_values_equal")
    assert status(x, z, 0.0) == (None, "no_value")
    assert status(x, z, float("nan")) == (None, "no_value")
    # Values so far apart between customers that no mean exists (q below 1).
    rng = np.random.default_rng(4)
    wild = 1 / rng.gamma(0.5, 1.0, 400)
    assert status(np.full(400, 50.0), wild) == ("mean_value", "no_mean")


def test_orders_that_bring_nothing_lower_what_is_expected() -> None:
    x, z, _ = simulated(400)
    model, _ = value_models.choose(x * 2, x, z, 30.0, 30)
    assert isinstance(model, value_models.Fitted) and model.valued_share == 0.5
    assert model.expected(x, z) == pytest.approx(0.5 * model.model.expected_value(x, z))
    rng = np.random.default_rng(0)
    counts = np.full((200, len(x)), 4.0)
    drawn = model.draws(x, z, counts, rng)
    assert drawn.mean() == pytest.approx(4 * model.expected(x, z).mean(), rel=0.05)


def test_correlation_of_what_never_varies_is_not_a_number() -> None:
    x = np.array([1.0, 2.0, 3.0])
    assert gamma_gamma.value_correlation(x, 2 * x) == pytest.approx(1.0)
    assert np.isnan(gamma_gamma.value_correlation(x, np.ones(3)))
    assert np.isnan(gamma_gamma.value_correlation(x[:2], x[:2]))
