"""What the built shop's marts of value say, beside its orders and the library."""

from __future__ import annotations

import duckdb
import pytest

from tests.warehouse.home import Home
from trasos import value


def test_every_customer_with_an_order_that_stands_has_a_value(shop: Home) -> None:
    expected = shop.one("select count(distinct person_id) from fct_orders where not is_cancelled")
    for mart in ("fct_customer_rfm", "fct_customer_ltv", "dim_customer_segments"):
        assert shop.one(f"select count(*) from {mart}") == expected > 0


def test_revenue_and_margin_of_the_marts_are_those_of_the_orders(shop: Home) -> None:
    expected = shop.query("select sum(net_revenue), sum(gross_margin) from fct_orders")
    for mart in ("fct_customer_rfm", "rpt_cohort_value", "rpt_channel_value", "rpt_segments"):
        assert shop.query(f"select sum(net_revenue), sum(gross_margin) from {mart}") == expected


def test_the_mart_is_what_the_library_says(shop: Home) -> None:
    """As built by dbt, and as called here."""
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        customers = connection.sql("from fct_customer_rfm").to_arrow_table()
        built = connection.sql(
            "select person_id, expected_orders, order_status from fct_customer_ltv order by 1"
        ).fetchall()
    said = value.customer_values(customers, {}).to_pylist()
    assert [(row["person_id"], row["order_status"]) for row in said] == [
        (person, status) for person, _, status in built
    ]
    assert [row["expected_orders"] for row in said] == pytest.approx(
        [orders for _, orders, _ in built]
    )


def test_a_young_shops_series_have_a_status(shop: Home) -> None:
    found = dict(shop.query("select status, count(*) from rpt_cohort_forecasts group by 1"))
    assert set(found) <= {"forecast", "constant", "too_short"} and found.get("too_short", 0) > 0
    assert shop.one("select count(*) from rpt_cohort_forecasts where value is null") == 0


def test_each_cohort_of_a_channel_has_a_payback_or_a_reason(shop: Home) -> None:
    cohorts = shop.one("select count(*) from rpt_channel_value")
    assert shop.one("select count(*) from rpt_payback") == cohorts > 0
    strays = shop.one(
        "select count(*) from rpt_payback "
        "where (payback_months is null) = (payback_status in ('paid', 'free'))"
    )
    assert strays == 0
