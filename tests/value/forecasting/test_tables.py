"""The rows that the three marts of forecasts are made of."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from tests.value import tables
from trasos import value
from trasos.errors import ConfigurationError, InputError
from trasos.value.forecasting import read_series
from trasos.value.forecasting.series import Series
from trasos.value.params import ForecastParams

MONDAY = date(2026, 3, 2)


def rows(table: pa.Table, params: dict[str, object] | None = None) -> list[dict[str, object]]:
    return value.series_forecasts(table, {"horizon": 3, **(params or {})}).to_pylist()


def test_a_series_goes_on_in_its_weeks() -> None:
    values = (50 + 3 * np.arange(14.0) + np.array([1, -1] * 7)).tolist()
    found = rows(tables.weeks(MONDAY, values))
    ahead = [row for row in found if row["row_kind"] == "forecast" and row["is_forecast"]]
    assert [row["period_start_date"] for row in ahead] == [
        MONDAY + timedelta(weeks=14 + k) for k in range(3)
    ]
    assert {row["model"] for row in ahead} == {"regression"}
    for row, expected in zip(ahead, (92, 95, 98), strict=True):
        assert row["value_low"] < row["value"] < row["value_high"]
        assert row["value"] == pytest.approx(expected, abs=1.5)
        assert row["naive_value"] == values[-1]
    past = [row for row in found if row["row_kind"] == "forecast" and not row["is_forecast"]]
    assert [row["value"] for row in past] == values
    chosen = [row for row in found if row["row_kind"] == "backtest" and row["is_chosen"]]
    assert [row["model"] for row in chosen] == ["regression"]
    tests = {row["test"] for row in found if row["row_kind"] == "diagnostic"}
    assert tests == {"adf", "kpss", "ljung_box"}


def test_a_short_series_gets_a_status_not_an_error() -> None:
    found = rows(tables.weeks(MONDAY, [1.0, 2.0, 3.0]))
    assert {row["status"] for row in found} == {"too_short"}
    assert not any(row["is_forecast"] for row in found)


def test_a_series_that_never_moves_stays() -> None:
    found = rows(tables.weeks(MONDAY, [0.0] * 12))
    ahead = [row for row in found if row["is_forecast"]]
    assert {(row["model"], row["status"], row["value"], row["value_high"]) for row in ahead} == {
        ("naive", "constant", 0.0, 0.0)
    }


def test_money_does_not_fall_below_nothing() -> None:
    falling = np.maximum(100 - 9.0 * np.arange(12), 2).tolist()
    for name in ("total/net_revenue", "cohort/2026-03-02/net_revenue_per_customer"):
        ahead = [row for row in rows(tables.weeks(MONDAY, falling, name)) if row["is_forecast"]]
        assert ahead and all(row["value_low"] >= 0 for row in ahead)


def test_rows_in_any_order_give_the_same_bits() -> None:
    rng = np.random.default_rng(2)
    table = pa.concat_tables(
        [
            tables.weeks(MONDAY, rng.gamma(4, 10, 13).tolist(), name)
            for name in ("total/orders", "cohort/2026-03-02/net_revenue_per_customer")
        ]
    )
    mixed = table.take(rng.permutation(table.num_rows))
    assert value.series_forecasts(table, {}).equals(value.series_forecasts(mixed, {}))


def test_months_are_taken_where_there_are_enough() -> None:
    starts = [date(2024 + k // 12, k % 12 + 1, 1) for k in range(20)]
    months = pa.table(
        {
            "series_id": ["total/orders"] * 20,
            "period": ["month"] * 20,
            "is_cohort": [False] * 20,
            "period_start_date": pa.array(starts, pa.date32()),
            "value": [float(k) for k in range(20)],
        }
    )
    both = pa.concat_tables([months, tables.weeks(MONDAY, [1.0] * 12)])
    for params, period in (
        ({}, "month"),
        ({"min_months": 21}, "week"),
        ({"period": "week"}, "week"),
    ):
        found = read_series(both, ForecastParams.from_mapping(params))
        assert [series.period for series in found] == [period]


def test_a_gap_or_a_wrong_parameter_is_refused() -> None:
    table = tables.weeks(MONDAY, [1.0] * 12)
    with pytest.raises(InputError, match="gap at 2026-03-23"):
        value.series_forecasts(pa.concat_tables([table.slice(0, 2), table.slice(3)]), {})
    with pytest.raises(ConfigurationError, match="period"):
        value.series_forecasts(table, {"period": "day"})
    assert value.series_forecasts(table.slice(0, 0), {}).num_rows == 0


def test_months_follow_months() -> None:
    series = Series("x", False, "month", date(2025, 11, 1), np.ones(3))
    assert [series.start(k) for k in (0, 1, 2, 14)] == [
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2027, 1, 1)
    ]  # fmt: skip
