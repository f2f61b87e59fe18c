"""What `fct_customer_ltv` and `rpt_value_models` are made of."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.value import tables
from trasos import value
from trasos.errors import ConfigurationError, InputError
from trasos.value.purchases import Purchases


@pytest.fixture(scope="module")
def found() -> tuple[pa.Table, np.ndarray, np.ndarray]:
    seen, orders, revenue = tables.shop(1_500, seed=4)
    return value.customer_values(tables.rfm(seen), {"horizon_days": 180}), orders, revenue


def column(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(), np.float64)


def test_intervals_of_orders_and_revenue_hold_the_truth(
    found: tuple[pa.Table, np.ndarray, np.ndarray], record_property: pytest.RecordProperty
) -> None:
    """Of a 90 % interval; zeros make both hold a little more."""
    table, orders, revenue = found
    for name, truth in (("expected_orders", orders), ("expected_revenue", revenue)):
        low, high = column(table, f"{name}_low"), column(table, f"{name}_high")
        inside = float(((truth >= low - 1e-9) & (truth <= high + 1e-9)).mean())
        record_property(name, inside)
        assert 0.88 <= inside < 0.985
        assert column(table, name).sum() == pytest.approx(truth.sum(), rel=0.15)


def test_margin_is_revenue_at_the_shops_rate_and_ltv_what_was_and_what_is_left(
    found: tuple[pa.Table, np.ndarray, np.ndarray],
) -> None:
    table, _, _ = found
    np.testing.assert_allclose(
        column(table, "expected_margin"), column(table, "expected_revenue") / 2
    )
    np.testing.assert_allclose(
        column(table, "expected_revenue"),
        column(table, "expected_orders") * column(table, "expected_order_value"),
    )
    seen, _, _ = tables.shop(1_500, seed=4)
    so_far = np.asarray(tables.rfm(seen)["horizon_gross_margin"])
    ltv = column(table, "ltv_margin")
    assert (ltv >= so_far - 1e-9).all() and (column(table, "ltv_margin_low") >= so_far - 1e-9).all()
    # Less is left of the year after the first order than there is in a year from now.
    assert (ltv - so_far <= column(table, "expected_margin") + 1e-9).all()


def test_neither_the_order_of_rows_nor_threads_move_a_bit() -> None:
    seen, _, _ = tables.shop(300, seed=1)
    table = tables.rfm(seen)
    mixed = table.take(np.random.default_rng(0).permutation(len(seen)))
    assert value.customer_values(table, {}).equals(value.customer_values(mixed, {}))


def test_a_horizon_beyond_all_experience_is_marked() -> None:
    seen, _, _ = tables.shop(300, seed=1)
    flags = {
        days: value.customer_values(tables.rfm(seen), {"horizon_days": days})["is_extrapolated"][0]
        for days in (90, 730)
    }
    assert {days: flag.as_py() for days, flag in flags.items()} == {90: False, 730: True}


def few(frequency: list[float], worth: list[float]) -> Purchases:
    x = np.array(frequency)
    return Purchases(x, x * 5, np.full(len(x), 50.0), np.array(worth))


@pytest.mark.parametrize(
    ("seen", "order_status", "value_status"),
    [
        (few([0.0], [0.0]), "no_repeat_customers", "too_few_values"),
        (few([0.0] * 40, [0.0] * 40), "no_repeat_customers", "too_few_values"),
        (few([1.0], [20.0]), "too_few_repeat_customers", "too_few_values"),
        (few([2.0] * 40, [20.0] * 40), "at_bound", "all_values_equal"),
    ],
)
def test_a_tiny_shop_gets_a_status_not_an_error(
    seen: Purchases, order_status: str, value_status: str
) -> None:
    table = value.customer_values(tables.rfm(seen), {})
    assert table.num_rows == len(seen)
    assert set(table["order_status"].to_pylist()) == {order_status}
    assert set(table["value_status"].to_pylist()) == {value_status}
    expected = table["expected_margin"].to_pylist()
    assert all((number is None) == (order_status == "no_repeat_customers") for number in expected)


def test_a_shop_that_took_nothing_has_orders_but_no_money() -> None:
    seen = few([2.0] * 40, [0.0] * 40)
    table = value.customer_values(tables.rfm(seen, first_value=0.0), {})
    assert set(table["value_status"].to_pylist()) == {"no_value"}
    assert table["expected_orders"].null_count == 0
    assert table["expected_margin"].null_count == table.num_rows


def test_no_customers_are_no_rows() -> None:
    nobody = tables.rfm(few([1.0], [20.0])).slice(0, 0)
    assert value.customer_values(nobody, {}).num_rows == 0
    assert value.model_checks(nobody, tables.order_log([]), {}, 28).num_rows == 0


def test_a_table_that_is_wrong_is_refused() -> None:
    table = tables.rfm(few([1.0, 0.0], [20.0, 0.0]))
    twice = pa.concat_tables([table, table])
    with pytest.raises(InputError, match="person_id twice"):
        value.customer_values(twice, {})
    with pytest.raises(InputError, match="no column gross_margin"):
        value.customer_values(table.drop_columns("gross_margin"), {})
    hole = table.set_column(
        table.column_names.index("gross_margin"), "gross_margin", pa.array([1.0, None])
    )
    with pytest.raises(InputError, match="gross_margin is null in 1 rows"):
        value.customer_values(hole, {})
    with pytest.raises(ConfigurationError, match="horizon_days"):
        value.customer_values(table, {"horizon_days": 0})


def test_checks_tell_parameters_and_a_hold_out() -> None:
    seen, _, _ = tables.shop(400, seed=6)
    rng = np.random.default_rng(0)
    log = []
    for k in range(len(seen)):
        first = int(seen.age[k])
        again = rng.choice(first, min(int(seen.frequency[k]), first), replace=False)
        log.append([first, *again.tolist()])
    rows = value.model_checks(tables.rfm(seen), tables.order_log(log), {}, 28).to_pylist()
    by = {(row["model"], row["figure"]): row for row in rows}
    (model,) = {name for name, figure in by if figure == "alpha_days"}
    assert model in ("bg_nbd", "mbg_nbd", "pareto_nbd")
    parameter = by[model, "r"]
    assert parameter["value_low"] < parameter["value"] < parameter["value_high"]
    true = by["hold_out", "true_order_days"]["value"]
    assert true == sum(1 for each in log for ago in each if ago < 28 and max(each) >= 28)
    held = by["hold_out", "expected_order_days"]
    assert held["value_low"] < held["value"] < held["value_high"]


def test_a_hold_out_longer_than_the_data_says_so() -> None:
    table = tables.rfm(few([1.0, 0.0], [20.0, 0.0]))
    rows = value.model_checks(table, tables.order_log([[3, 1], [2]]), {}, 28).to_pylist()
    (held,) = [row for row in rows if row["model"] == "hold_out"]
    assert (held["status"], held["value"]) == ("period_too_short", None)
    with pytest.raises(ConfigurationError, match="ltv_holdout_days is 0"):
        value.model_checks(table, tables.order_log([[3, 1]]), {}, 0)
