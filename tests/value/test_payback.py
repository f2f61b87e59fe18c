"""Months to payback: the macro that marts use, and the reference that it is held against."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.macros import Macros, Relation
from tests.value.reference_payback import Payback, payback

MARGINS = st.lists(st.integers(-20, 40), min_size=0, max_size=8)
COSTS = st.one_of(st.none(), st.integers(0, 90))


@pytest.mark.parametrize(
    ("margins", "cac", "expected"),
    [
        ([30.0, 5.0], 25.0, Payback(1, 1.4, "paid")),
        ([30.0, 5.0], 35.0, Payback(2, 1.0, "paid")),
        ([30.0, 5.0], 36.0, Payback(None, 35 / 36, "not_yet")),
        # Returns take back what had covered the cost: only the last time counts.
        ([30.0, -10.0, 20.0], 25.0, Payback(3, 1.6, "paid")),
        ([30.0, -10.0], 25.0, Payback(None, 0.8, "not_yet")),
        ([30.0], None, Payback(None, None, "no_cost")),
        ([30.0], 0.0, Payback(0, None, "free")),
        ([], 10.0, Payback(None, None, "no_customers")),
    ],
)
def test_payback(margins: list[float], cac: float | None, expected: Payback) -> None:
    assert payback(margins, cac) == expected


def test_money_spent_without_credit_is_a_cost_that_is_known() -> None:
    assert payback([30.0], None, is_uncredited=True) == Payback(None, None, "no_credited_customers")
    assert payback([30.0], 0.0, is_uncredited=True).status == "free"
    assert payback([], None, is_uncredited=True).status == "no_customers"


@pytest.fixture(scope="module")
def macro() -> str:
    return Macros("duckdb", ref=Relation).payback("cohorts", "costs")


def test_a_first_month_that_data_do_not_fill_is_not_called_the_month_of_payback(
    macro: str,
) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"""
            with cohorts as (
                select date '2026-01-01' as acquisition_month, 'email' as acquisition_channel, *
                from (values (0, false, 1, 50), (1, true, 1, 60))
                    as t (month_age, is_in_whole_month, customer_count, cumulated_gross_margin)
            ),
            costs as (
                select date '2026-01-01' as acquisition_month, 'email' as acquisition_channel,
                    10 as cac, false as is_uncredited
            )
            select payback_months, margin_cac_ratio, payback_status from ({macro})
            """
        ).fetchall()
    assert found == [(2, 6.0, "paid")]


@given(
    st.lists(
        st.tuples(MARGINS, COSTS, st.booleans(), st.integers(1, 5), st.booleans()),
        min_size=20,
        max_size=20,
    )
)
@settings(max_examples=6, deadline=None)
def test_the_macro_says_what_the_reference_says(
    macro: str, cohorts: list[tuple[list[int], int | None, bool, int, bool]]
) -> None:
    """Of cohorts whose last month may not be over: that month counts in neither."""
    rows, costs, expected = [], [], {}
    for number, (margins, cac, spent, customers, has_part_month) in enumerate(cohorts):
        name = f"channel {number:02d}"
        total = np.cumsum(margins).astype(int).tolist()
        ages = [(age, True, money * customers) for age, money in enumerate(total)]
        ages += [(len(ages), False, 10_000)] if has_part_month else []
        rows += [f"(date '2026-01-01', '{name}', {a}, {w}, {customers}, {m})" for a, w, m in ages]
        if cac is not None:
            costs.append(f"(date '2026-01-01', '{name}', {cac}, false)")
        elif spent:
            costs.append(f"(date '2026-01-01', '{name}', null, true)")
        if ages:
            expected[name] = payback([float(money) for money in margins], cac, is_uncredited=spent)
    with duckdb.connect() as connection:
        connection.execute(
            "create table cohorts (acquisition_month date, acquisition_channel varchar, "
            "month_age integer, is_in_whole_month boolean, customer_count bigint, "
            "cumulated_gross_margin decimal(18, 2))"
        )
        connection.execute(
            "create table costs (acquisition_month date, acquisition_channel varchar, "
            "cac decimal(18, 2), is_uncredited boolean)"
        )
        for table, values in (("cohorts", rows), ("costs", costs)):
            if values:
                connection.execute(f"insert into {table} values {', '.join(values)}")
        found = connection.execute(
            "select acquisition_channel, payback_months, margin_cac_ratio, payback_status "
            f"from ({macro})"
        ).fetchall()
    assert sorted(name for name, *_ in found) == sorted(expected)
    for name, months, ratio, status in found:
        said = expected[name]
        wanted = "no_whole_month" if said.status == "no_customers" else said.status
        assert (months, status) == (said.months, wanted)
        known = said.ratio if said.status in ("paid", "not_yet") else None
        assert ratio == (None if known is None else pytest.approx(known))
