"""The three models of orders: their slopes, their answers on simulated customers, their limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from trasos.errors import InputError
from trasos.value import bgnbd, fitting, order_models, pareto
from trasos.value.arrays import Doubles
from trasos.value.bgnbd import BetaGeometric
from trasos.value.params import LtvParams
from trasos.value.pareto import ParetoNbd
from trasos.value.purchases import Purchases

PARAMS = LtvParams()
MODELS = {
    "bg_nbd": BetaGeometric(0.6, 60.0, 0.8, 2.5),
    "mbg_nbd": BetaGeometric(0.9, 60.0, 1.2, 2.5, chances=bgnbd.MBG),
    "pareto_nbd": ParetoNbd(0.9, 60.0, 1.2, 150.0),
}


def simulated(name: str, n: int, seed: int = 0) -> tuple[Purchases, Doubles]:
    """Customers of up to a year's age and what they do in the half year after."""
    rng = np.random.default_rng(seed)
    age = rng.integers(30, 360, n).astype(float)
    model = MODELS[name]
    if isinstance(model, ParetoNbd):
        return pareto.simulate(model, age, 180.0, rng)
    return bgnbd.simulate(model, age, 180.0, rng)


def in_days(seen: Purchases) -> Purchases:
    """As a shop has it: fewer customers differ, and a fit takes less."""
    return Purchases(seen.frequency, np.floor(seen.recency), seen.age, seen.value)


def fit(name: str, seen: Purchases) -> tuple[BetaGeometric | ParetoNbd, fitting.Fit]:
    if name == "pareto_nbd":
        return pareto.fit(seen)
    return bgnbd.fit(seen, bgnbd.MBG if name == "mbg_nbd" else bgnbd.BG)


@pytest.mark.parametrize("name", MODELS)
def test_slopes_are_those_of_the_likelihood(name: str) -> None:
    seen, _ = simulated(name, 200)
    ones = np.ones(len(seen))

    def both(logs: Doubles) -> tuple[float, Doubles]:
        if name == "pareto_nbd":
            return pareto._likelihood(logs, seen, ones)
        return bgnbd._likelihood(logs, seen, ones, int(name == "mbg_nbd"))

    logs = np.array([0.1, 3.5, -0.3, 2.0])
    numeric = approx_fprime(logs, lambda at: both(at)[0], 1e-6)
    np.testing.assert_allclose(both(logs)[1], numeric, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("name", MODELS)
def test_known_parameters_lie_within_their_intervals(name: str) -> None:
    """Three spreads of the normal approximation: what makes the intervals' draws right."""
    seen, _ = simulated(name, 3_000, seed=3)
    model, found = fit(name, seen)
    assert found.status == "converged"
    assert found.log_likelihood >= MODELS[name].log_likelihood(seen)
    assert model.log_likelihood(seen) == pytest.approx(found.log_likelihood, rel=1e-9)
    truth = MODELS[name]
    known = (
        (truth.r, truth.alpha, truth.s, truth.beta)
        if isinstance(truth, ParetoNbd)
        else (truth.r, truth.alpha, truth.a, truth.b)
    )
    spread = np.sqrt(np.diag(found.log_covariance))
    assert (np.abs(found.log_parameters - np.log(known)) < 3 * spread).all()
    assert (spread < 1.0).all()


@pytest.mark.parametrize("name", MODELS)
def test_intervals_hold_what_they_promise(
    name: str, record_property: pytest.RecordProperty
) -> None:
    """Coverage over customers, beside known parameters.

    Counts are whole, so a 90 % interval holds more than 90 % of them. The same draws are asked the
    sharp question too: the place of the truth among them, ties broken by chance, is uniform.
    """
    seen, later = simulated(name, 2_000, seed=11)
    model, found = fit(name, seen)
    held = order_models.Fitted(name, model, found, PARAMS.parameter_draws)
    rng = np.random.default_rng(5)
    drawn = held.draws(seen, np.full(len(seen), 180.0), rng, 200)
    low, high = np.quantile(drawn, (0.05, 0.95), axis=0, method="inverted_cdf")
    coverage = float(((later >= low) & (later <= high)).mean())
    below, level = (drawn < later).mean(axis=0), (drawn == later).mean(axis=0)
    place = below + rng.random(len(later)) * level
    sharp = float(((place > 0.05) & (place < 0.95)).mean())
    record_property("coverage", (coverage, sharp))
    assert 0.9 <= coverage < 0.985
    assert 0.88 <= sharp <= 0.92
    # Of all together: the truth within three spreads of the drawn totals, and so the mean.
    totals = drawn.sum(axis=1)
    assert abs(later.sum() - totals.mean()) < 3 * totals.std()
    expected = model.expected_purchases(seen, 180.0)
    assert abs(expected.sum() / later.sum() - 1) < 0.1
    alive = model.p_alive(seen)
    fixed = np.mean([model.draw(alive, seen, 180.0, rng).sum() for _ in range(40)])
    assert fixed == pytest.approx(expected.sum(), rel=0.02)


@pytest.mark.parametrize("name", MODELS)
def test_probabilities_of_being_there_are_calibrated(name: str) -> None:
    """Whoever comes again was there: among those with a low probability few do, and so on."""
    seen, later = simulated(name, 4_000, seed=2)
    alive = MODELS[name].p_alive(seen)
    assert ((alive >= 0) & (alive <= 1)).all()
    came = later > 0
    assert came[alive < 0.2].mean() < 0.2 < came[alive > 0.9].mean()
    # Never more come than are there.
    for low, high in ((0.0, 0.3), (0.3, 0.6), (0.6, 0.9)):
        within = (alive >= low) & (alive < high)
        if within.sum() >= 50:
            assert came[within].mean() <= alive[within].mean() + 0.08


@pytest.mark.slow
def test_the_likeliest_model_is_mostly_the_true_one() -> None:
    """Of three; a shop of 2,000 customers of a year does not tell them apart every time."""
    found = {
        (name, seed): order_models.choose(in_days(simulated(name, 2_000, seed)[0]), PARAMS)[0]
        for name in MODELS
        for seed in (21, 22)
    }
    right = [model is not None and model.name == name for (name, _), model in found.items()]
    assert sum(right) >= 4


def test_ahead_of_nothing_nothing_comes() -> None:
    seen, _ = simulated("bg_nbd", 50)
    for model in MODELS.values():
        assert model.expected_purchases(seen, 0.0).sum() == pytest.approx(0.0, abs=1e-12)
        with pytest.raises(InputError, match="give 0 or more"):
            model.expected_purchases(seen, -1.0)


def test_nobody_who_came_back_is_an_error_with_a_way_out() -> None:
    seen = Purchases(np.zeros(5), np.zeros(5), np.arange(5.0), np.zeros(5))
    for tried in (bgnbd.fit, pareto.fit):
        with pytest.raises(InputError, match="none of 5 customers purchased again"):
            tried(seen)
    assert order_models.choose(seen, PARAMS) == (None, "no_repeat_customers")


def test_a_shop_of_few_gets_one_rate_and_says_so() -> None:
    seen = Purchases(np.array([1.0]), np.array([10.0]), np.array([20.0]), np.array([5.0]))
    model, status = order_models.choose(seen, PARAMS)
    assert model is not None and (model.name, status) == ("pooled_rate", "too_few_repeat_customers")
    assert model.expected(seen, np.array([40.0])).tolist() == [2.0]
    assert np.isnan(model.p_alive(seen)).all()
    drawn = model.draws(seen, np.array([40.0]), np.random.default_rng(0), 4_000)
    # (1 + 1/2) / 20 a day for 40 days: the half is what one purchase leaves open.
    assert drawn.mean() == pytest.approx(3.0, rel=0.1)


def test_customers_who_are_all_equal_end_at_a_bound_and_are_forecast_soundly() -> None:
    """A purchase every ten days of each: no spread of rates, nobody leaves."""
    n = 80
    seen = Purchases(np.full(n, 10.0), np.full(n, 100.0), np.full(n, 105.0), np.full(n, 5.0))
    model, status = order_models.choose(seen, PARAMS)
    assert model is not None and status == "at_bound"
    expected = model.expected(seen, np.full(n, 21.0))
    assert np.ptp(expected) < 1e-9 and expected[0] == pytest.approx(2.0, rel=0.1)
    drawn = model.draws(seen, np.full(n, 21.0), np.random.default_rng(0), 80)
    assert np.isfinite(drawn).all()


def test_a_likelihood_without_a_top_is_said_not_to_converge() -> None:
    def jagged(logs: Doubles) -> tuple[float, Doubles]:
        return float("nan"), np.full(2, np.nan)

    found = fitting.maximise(jagged, [(0.0, 0.0), (1.0, 1.0)], 10.0)
    assert found.status == "not_converged"


def test_where_no_model_converges_the_pooled_rate_stands_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, _ = simulated("bg_nbd", 400)
    failed = fitting.Fit(np.zeros(4), np.eye(4), -1.0, "not_converged")
    monkeypatch.setattr(bgnbd, "fit", lambda *_: (MODELS["bg_nbd"], failed))
    monkeypatch.setattr(pareto, "fit", lambda *_: (MODELS["pareto_nbd"], failed))
    model, status = order_models.choose(seen, PARAMS)
    assert model is not None and (model.name, status) == ("pooled_rate", "not_converged")
