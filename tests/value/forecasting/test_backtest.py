"""Rolling origins, the choice among models, and the tests of series."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.value.forecasting import simulated
from trasos.value.forecasting import diagnostics
from trasos.value.forecasting.backtest import MODELS, BackTest, back_test, choose, origins
from trasos.value.forecasting.forecast import Forecast, Task
from trasos.value.forecasting.naive import naive
from trasos.value.params import ForecastParams

PARAMS = ForecastParams()


def test_origins_are_the_last_with_their_whole_future() -> None:
    assert origins(20, PARAMS) == list(range(10, 18))
    assert origins(9, PARAMS) == [5, 6]
    assert origins(7, PARAMS) == []


def test_errors_are_those_of_a_plain_loop() -> None:
    values = np.random.default_rng(0).normal(50, 10, 16)
    found = back_test(simulated.months(values), "naive", PARAMS)
    errors, steps, squares = [], [], []
    for length in origins(16, PARAMS):
        for step in range(3):
            errors.append(values[length + step] - values[length - 1])
            moves = np.diff(values[:length])
            steps.append(np.abs(moves).mean())
            squares.append((moves**2).mean())
    assert found.status == "tested" and found.forecasts == len(errors)
    assert found.mae == pytest.approx(np.mean(np.abs(errors)))
    assert found.mase == pytest.approx(np.mean(np.abs(errors) / np.array(steps)))
    assert found.rmsse == pytest.approx(np.sqrt(np.mean(np.array(errors) ** 2 / squares)))


def test_no_forecast_looks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after the last origin's future changes nothing before it."""
    rng = np.random.default_rng(1)
    values = simulated.autoregressive(rng, 30)
    last = origins(30, PARAMS)[-1]
    seen: list[np.ndarray] = []

    def spy(task: Task) -> Forecast:
        seen.append(task.values)
        return naive(task)

    monkeypatch.setitem(MODELS, "naive", spy)
    back_test(simulated.months(values), "naive", PARAMS)
    assert [len(past) for past in seen] == origins(30, PARAMS)
    assert all((past == values[: len(past)]).all() for past in seen) and len(seen[-1]) == last


def test_the_least_error_wins_and_the_naive_model_where_too_little_is_saved() -> None:
    def test(name: str, rmsse: float, status: str = "tested") -> BackTest:
        return BackTest(name, 1, 3, 1.0, 1.0, rmsse, 1.0, 1.0, status)

    assert choose([test("naive", 1.0), test("arima", 0.96)], 0.05) == "naive"
    assert choose([test("naive", 1.0), test("arima", 0.94)], 0.05) == "arima"
    tied = [test("naive", 1.0), test("regression", 0.5), test("arima", 0.5)]
    assert choose(tied, 0.05) == "regression"
    assert choose([test("naive", 1.0), test("arima", 0.1, "too_short")], 0.05) == "naive"
    assert choose([test("naive", float("nan")), test("arima", float("nan"))], 0.05) == "naive"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "n", "is_cohort", "right", "runs"),
    [
        (simulated.cohort, 20, True, {"regression", "attrition"}, 20),
        (simulated.rising, 30, False, {"regression", "arima"}, 20),
        (simulated.wave, 60, False, {"seasonal_naive", "regression", "arima"}, 10),
        (simulated.walk, 60, False, {"naive", "arima"}, 20),
    ],
)
def test_the_right_kind_of_model_is_mostly_chosen(
    make: simulated.Maker,
    n: int,
    is_cohort: bool,
    right: set[str],
    runs: int,
    record_property: pytest.RecordProperty,
) -> None:
    rng = np.random.default_rng(5)
    chosen: Counter[str] = Counter()
    for _ in range(runs):
        series = simulated.months(make(rng, n), is_cohort)
        tests = [back_test(series, name, PARAMS) for name in MODELS]
        chosen[choose(tests, PARAMS.min_gain)] += 1
    record_property("chosen", dict(chosen))
    assert sum(chosen[name] for name in right) >= 0.7 * runs


def test_stationarity_and_what_is_left_are_told() -> None:
    rng = np.random.default_rng(8)
    runs = 40
    still = [diagnostics.of_series(rng.normal(100, 1, 150)) for _ in range(runs)]
    walks = [diagnostics.of_series(simulated.walk(rng, 150)) for _ in range(runs)]
    # ADF's null is the walk, KPSS' the stable level: each errs in about one of twenty of its own.
    assert np.mean([found[0].verdict == "stationary" for found in still]) > 0.9
    assert np.mean([found[0].verdict == "stationary" for found in walks]) < 0.2
    assert np.mean([found[1].verdict == "stationary" for found in still]) > 0.8
    assert np.mean([found[1].verdict == "not_stationary" for found in walks]) > 0.6


def test_ljung_box_errs_as_often_as_it_says_and_sees_what_is_left() -> None:
    rng = np.random.default_rng(9)
    noise = [diagnostics.of_residuals(rng.normal(size=100), 0).verdict for _ in range(300)]
    assert 0.01 <= np.mean([verdict == "autocorrelated" for verdict in noise]) <= 0.10
    left = [
        diagnostics.of_residuals(simulated.autoregressive(rng, 100), 0).verdict for _ in range(50)
    ]
    assert np.mean([verdict == "autocorrelated" for verdict in left]) > 0.95


def test_tests_of_what_is_short_or_still_are_not_made() -> None:
    assert {found.verdict for found in diagnostics.of_series(np.ones(20))} == {"constant"}
    assert {found.verdict for found in diagnostics.of_series(np.arange(5.0))} == {"too_short"}
    assert diagnostics.of_residuals(np.arange(5.0), 0).verdict == "too_short"
    assert diagnostics.of_residuals(np.zeros(20), 0).verdict == "constant"
    assert diagnostics.kpss_p_value(np.ones(9)) == 0.1
