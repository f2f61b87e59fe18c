"""Lines with one fault each, beside sound ones, and what is to become of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from tests.factories import NOON, iso, make_event, make_identify, make_page
from trasos.landing.schema import JSON_COLUMNS, TEXT_COLUMNS


@dataclass(frozen=True)
class Line:
    """A line, its outcome as the report names it, and the reason where there is one."""

    content: Any
    outcome: str = "accepted"
    reason: str = ""

    @property
    def raw(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else orjson.dumps(self.content)


def product(**properties: Any) -> dict[str, Any]:
    return make_event("Product Added", properties=properties)


def without(key: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != key}


def rejected(reason: str, *events: dict[str, Any]) -> list[Line]:
    return [Line(event, "rejected", reason) for event in events]


SOUND = [
    make_event(name, properties={"product_id": "p00001", "order_id": "o0000001"})
    for name in (
        "Page Viewed", "Product List Viewed", "Product Clicked", "Product Viewed",
        "Product Scrolled", "Product Added", "Product Removed", "Cart Viewed", "Cart Abandoned",
        "Checkout Started", "Order Completed", "Item Purchased", "Identified", "NPS Answered",
        "Experiment Viewed",
    )
]  # fmt: skip
FIRST = make_event()
LENIENT = [
    make_page(),
    make_identify(),
    make_page() | {"properties": None, "context": None, "event": "of no meaning here"},
    # What an event asks for is asked of track events alone.
    make_page() | {"event": "Product Viewed"},
    make_page() | {"event": "Order Completed"},
    without("properties", without("context", make_event("Cart Viewed"))),
    product(quantity=None, price=None, position=None, currency=None, list_id=None),
    make_event(messageId=7, anonymousId=7.5, userId=9),
    make_event(originalTimestamp="2024-02-29T12:00:00.123456789Z"),
    make_event(originalTimestamp="2026-06-01 14:00:00.123456+02"),
    make_event(originalTimestamp="2026-06-01T12:00"),
    make_event(sentAt="yesterday", receivedAt=None),
    make_event("Cart Viewed", properties={"product_id": None, "order_id": None, "price": None}),
    product(product_id=7, quantity=0, price=0, position=-1),
    product(quantity="2", price="19.90", position="3"),
    product(quantity=2.0, price=1e15, position=2147483647),
    product(quantity="2.0", price=9.999),
    make_event(at=NOON + timedelta(hours=23), receivedAt=iso(NOON), sentAt=iso(NOON)),
    {**make_event(), "integrations": {"All": True}},
]

#: One line, or some, for each reason that JSON lines can bring about.
LINES = [
    Line(FIRST),
    Line(FIRST | {"receivedAt": iso(NOON + timedelta(days=2))}, "duplicate"),
    *(Line(event) for event in (*SOUND, *LENIENT)),
    *rejected(
        "no_event_id",
        without("messageId", make_event()),
        make_event(messageId=None),
        make_event(messageId="  "),
    ),
    *rejected(
        "no_visitor_id",
        without("anonymousId", make_event()),
        make_event(anonymousId=None),
        make_event(anonymousId=""),
    ),
    *rejected(
        "unreadable_time",
        without("originalTimestamp", make_event()),
        *(
            make_event(originalTimestamp=moment)
            for moment in (
                None,
                "",
                "yesterday",
                1780315200,
                "1780315200",
                "2024-02-29",
                "2026-6-1 1:2:3",
                "2026/06/01 12:00:00",
                "2026-06-01T12:00:00+15:00",
                "2026-06-01T12:00:00.1234567890Z",
                "2026-13-01",
                "2026-02-30",
                "2025-02-29T12:00:00Z",
                "2026-06-01T25:00:00Z",
                "1999-12-31T12:00:00Z",
                "2100-01-01T12:00:00Z",
                "2026-06-01T12:00:00,5Z",
            )
        ),
    ),
    *rejected(
        "time_in_future",
        make_event(at=NOON + timedelta(hours=25), receivedAt=iso(NOON), sentAt=iso(NOON)),
    ),
    *rejected(
        "unknown_event_type",
        make_event("Prodcut Viewed"),
        make_event(None),
        make_event(""),
        make_event(type="screen"),
        make_event(type=None),
        without("type", make_event()),
    ),
    *rejected(
        "unreadable_quantity",
        *(product(quantity=value) for value in (1.5, "two", "", True, [1], 2**31)),
    ),
    *rejected(
        "unreadable_unit_price",
        *(product(price=value) for value in ("19,90", "EUR 5", "", False, {"EUR": 5}, 1e17)),
    ),
    *rejected(
        "unreadable_position",
        *(product(position=value) for value in ("first", 1.5, 2**31, -(2**31) - 1)),
    ),
    *rejected("negative_price", product(price=-0.01), product(price="-5")),
    *rejected("negative_quantity", product(quantity=-1), product(quantity="-1")),
    *rejected(
        "order_without_id",
        *(make_event("Order Completed", properties={"order_id": id_}) for id_ in (None, "", "  ")),
        make_event("Order Completed") | {"properties": {}},
        without("properties", make_event("Order Completed")),
        make_event("Order Completed") | {"properties": None},
    ),
    *rejected(
        "no_product_id",
        *(
            make_event(name) | {"properties": {"price": 5}}
            for name in (
                "Product Clicked",
                "Product Viewed",
                "Product Scrolled",
                "Product Added",
                "Product Removed",
            )
        ),
        *(make_event(properties={"product_id": id_}) for id_ in (None, "", " ")),
        without("properties", make_event()),
    ),
    Line(b"\xff{}", "dead letter", "invalid UTF-8"),
    Line(b"[1]", "dead letter", "not a JSON object"),
    Line(b"null", "dead letter", "not a JSON object"),
    Line(b"<html>", "dead letter", "invalid JSON: unexpected character"),
    Line(b" ", "blank"),
]

#: What the warehouse takes and the schema does not want, as docs/event_contract.md says.
MERELY_TAKEN = [
    make_event("product_viewed", properties={"product_id": "p00001"}),
    make_event("ORDER COMPLETED", properties={"order_id": "o0000001"}),
    make_event(messageId={"id": 7}),
    make_event(anonymousId=True),
    product(product_id=["p00001"]),
    product(quantity="+2", price=" 19.90 "),
    product(quantity="2e0"),
    product(price=-0.004),
    product(currency=5),
    make_event("Cart Viewed") | {"properties": 5},
    make_event("Cart Viewed") | {"context": "none"},
]

#: The corpus as a file.
CONTENT = b"\n".join(line.raw for line in LINES) + b"\n"


def counts(outcome: str) -> Counter[str]:
    """How many lines are to end so, by reason."""
    return Counter(line.reason for line in LINES if line.outcome == outcome)


def write_parquet(file: Path, events: list[dict[str, Any]], **columns: list[Any]) -> None:
    """Events in the columns that landing gives them; ``columns`` replace some of them."""
    rows: dict[str, list[Any]] = {
        column: [event.get(key) for event in events] for key, column in TEXT_COLUMNS.items()
    }
    for key, column in JSON_COLUMNS.items():
        rows[column] = [
            None if event.get(key) is None else orjson.dumps(event[key]).decode()
            for event in events
        ]
    arrays = {name: pa.array(values, pa.string()) for name, values in rows.items()}
    arrays |= {name: pa.array(values) for name, values in columns.items()}
    pq.write_table(pa.table(arrays), file)
