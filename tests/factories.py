"""Small makers of test data: each gives something sane, and a test says only what matters to it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as trackers write it; a naive moment is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    text = aware.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def make_event(
    event: str | None = "Product Viewed",
    *,
    at: datetime = NOON,
    delay: timedelta = timedelta(seconds=1),
    skew: timedelta = timedelta(0),
    properties: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    **overrides: Any,
) -> dict[str, Any]:
    """An event in the Segment envelope, as it stands in the inbox.

    Args:
        event: name of a track event; give ``None`` and ``type="page"`` or ``"identify"`` for
            the others.
        at: when it truly happened.
        delay: how long it waited before the server received it.
        skew: how far the device's clock is ahead of the true time.
        properties: added to (and winning over) the defaults of a product view.
        context: added to the defaults.
        overrides: keys of the envelope, such as ``anonymousId="v2"``. ``None`` writes a null.
    """
    sent = at + delay
    defaults: dict[str, Any] = {}
    if event is not None and event.startswith("Product ") and event != "Product List Viewed":
        defaults = {"product_id": "p00001"}
    if event in ("Product Viewed", "Product Added", "Product Removed"):
        defaults |= {"price": 49.95, "currency": "EUR"}
    if event in ("Product Added", "Product Removed"):
        defaults |= {"quantity": 1, "size": "M", "cart_id": "cart1"}
    if event == "Order Completed":
        defaults = {
            "order_id": "o0000001",
            "revenue": 49.95,
            "discount": 0.0,
            "shipping": 4.95,
            "tax": 9.49,
            "currency": "EUR",
            "products": [{"product_id": "p00001", "quantity": 1, "price": 49.95, "size": "M"}],
        }
    message: dict[str, Any] = {
        "messageId": f"m{next(_numbers):06d}",
        "type": "track",
        "anonymousId": "v1",
        "userId": None,
        "originalTimestamp": iso(at + skew),
        "sentAt": iso(sent + skew),
        "receivedAt": iso(sent),
        "properties": defaults | dict(properties or {}),
        "context": {
            "page": {"path": "/", "referrer": ""},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
            "ip": "192.0.2.1",
            "locale": "de-DE",
            "device": {"type": "desktop"},
            "country": "DE",
        }
        | dict(context or {}),
    }
    if event is not None:
        message["event"] = event
    if overrides.get("type") == "identify":
        message["traits"] = {"email": "c000001@example.com", "name": "Customer 1"}
    return message | overrides


def make_page(**overrides: Any) -> dict[str, Any]:
    """A page event; arguments as for ``make_event``."""
    properties = {"path": "/", "title": "Home"} | dict(overrides.pop("properties", {}))
    return make_event(None, **{"type": "page", "properties": properties} | overrides)


def make_identify(customer_id: str = "c000001", **overrides: Any) -> dict[str, Any]:
    """A login; arguments as for ``make_event``."""
    traits = {"email": f"{customer_id}@example.com", "name": f"Customer {customer_id}"}
    return make_event(
        None, **{"type": "identify", "userId": customer_id, "traits": traits} | overrides
    )


def make_product(**overrides: Any) -> dict[str, Any]:
    """A row of the shop's product table; money is exact."""
    return {
        "product_id": "p00001",
        "product_name": "Linen Wrap Dress, Sage",
        "department": "women",
        "category": "Dresses",
        "brand": "Aldermoor",
        "colour": "Sage",
        "size_range": "XS-XL",
        "price": Decimal("49.95"),
        "cost": Decimal("20.00"),
        "currency": "EUR",
        "launched_at": datetime(2026, 1, 1),
        "description": "Wrap Dress in linen by Aldermoor, sage. Cut loose; for women.",
    } | overrides


def make_customer(**overrides: Any) -> dict[str, Any]:
    """A row of the shop's customer table; the e-mail follows the id."""
    customer_id = overrides.get("customer_id", "c000001")
    return {
        "customer_id": customer_id,
        "email": f"{customer_id}@example.com",
        "registered_at": datetime(2026, 5, 1, 12, 0),
        "country": "DE",
        "city": "Berlin",
    } | overrides


def make_order(**overrides: Any) -> dict[str, Any]:
    """A row of the shop's order table; moments are UTC without zone, money is exact."""
    return {
        "order_id": "o0000001",
        "customer_id": "c000001",
        "ordered_at": datetime(2026, 6, 1, 12, 0),
        "status": "completed",
        "discount": Decimal("0.00"),
        "shipping": Decimal("4.95"),
        "tax": Decimal("9.49"),
        "currency": "EUR",
    } | overrides


def make_order_item(**overrides: Any) -> dict[str, Any]:
    """A row of the shop's table of order lines."""
    return {
        "order_item_id": "i00000001",
        "order_id": "o0000001",
        "product_id": "p00001",
        "quantity": 1,
        "unit_price": Decimal("49.95"),
        "unit_cost": Decimal("20.00"),
        "size": "M",
    } | overrides


def make_return(**overrides: Any) -> dict[str, Any]:
    """A row of the shop's table of returns."""
    return {
        "return_id": "b0000001",
        "order_item_id": "i00000001",
        "returned_at": datetime(2026, 6, 10, 12, 0),
        "quantity": 1,
        "refund": Decimal("49.95"),
    } | overrides
