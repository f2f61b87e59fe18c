"""The makers of test data keep to the contract that the simulator keeps to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import (
    NOON,
    make_customer,
    make_event,
    make_identify,
    make_order,
    make_order_item,
    make_page,
    make_product,
    make_return,
)
from tests.simulator.test_events import ENVELOPE, PROPERTIES
from tests.simulator.test_tables import SCHEMAS


def corrected(message: dict[str, Any]) -> datetime:
    received, sent, original = (
        datetime.fromisoformat(message[clock])
        for clock in ("receivedAt", "sentAt", "originalTimestamp")
    )
    return received - (sent - original)


def test_events_have_the_envelope_and_ids_of_their_own() -> None:
    events = [make_event(), make_event(), make_page(), make_identify()]
    assert len({event["messageId"] for event in events}) == 4
    assert set(events[0]) == ENVELOPE | {"event"}
    assert set(events[2]) == ENVELOPE
    assert set(events[3]) == ENVELOPE | {"traits"}
    assert [event["type"] for event in events] == ["track", "track", "page", "identify"]
    assert events[3]["userId"] == "c000001"


@pytest.mark.parametrize("name", ["Product Added", "Product Removed", "Order Completed"])
def test_events_come_with_the_properties_that_need_no_list(name: str) -> None:
    assert set(make_event(name)["properties"]) == PROPERTIES[name][0]


def test_overrides_win_and_the_rest_stays() -> None:
    event = make_event(properties={"product_id": "p9"}, userId="c7", messageId=None)
    assert event["properties"]["product_id"] == "p9"
    assert event["properties"]["price"] == 49.95
    assert (event["userId"], event["messageId"]) == ("c7", None)


def test_delay_and_skew_leave_the_true_time() -> None:
    event = make_event(at=NOON, delay=timedelta(hours=30), skew=timedelta(minutes=-7))
    assert corrected(event) == NOON
    assert event["receivedAt"] == "2026-06-02T18:00:00.000Z"
    assert event["originalTimestamp"] == "2026-06-01T11:53:00.000Z"


def test_rows_have_the_columns_of_their_tables() -> None:
    makers = {
        "products": make_product,
        "customers": make_customer,
        "orders": make_order,
        "order_items": make_order_item,
        "returns": make_return,
    }
    for name, maker in makers.items():
        assert list(maker()) == SCHEMAS[name]
    assert make_customer(customer_id="c9")["email"] == "c9@example.com"
    assert make_order(status="cancelled")["status"] == "cancelled"
