"""Every field of the events, as the contract names it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from trasos.simulator.campaigns import CAMPAIGNS

from .conftest import Shop

Message = dict[str, Any]

ENVELOPE = {
    "messageId", "type", "anonymousId", "userId", "originalTimestamp", "sentAt", "receivedAt",
    "properties", "context",
}  # fmt: skip
LISTS = {"category", "search", "home", "recommended"}
PROPERTIES: dict[str, tuple[set[str], set[str]]] = {
    "Product List Viewed": ({"list_id", "category", "products"}, {"recommendation_id"}),
    "Product Clicked": ({"product_id", "list_id", "position"}, {"recommendation_id"}),
    "Product Viewed": ({"product_id", "price", "currency", "category", "brand"}, {"size"}),
    "Product Scrolled": ({"product_id", "depth", "dwell_ms"}, set()),
    "Product Added": (
        {"product_id", "quantity", "price", "currency", "size", "cart_id"},
        set(),
    ),
    "Product Removed": (
        {"product_id", "quantity", "price", "currency", "size", "cart_id"},
        set(),
    ),
    "Cart Viewed": ({"cart_id"}, set()),
    "Checkout Started": ({"cart_id", "value", "currency"}, set()),
    "Order Completed": (
        {"order_id", "revenue", "discount", "shipping", "tax", "currency", "products"},
        set(),
    ),
    "Experiment Viewed": ({"experiment_id", "variation_id"}, set()),
    "NPS Answered": ({"score"}, set()),
}


def named(messages: list[Message], event: str) -> list[Message]:
    return [message for message in messages if message.get("event") == event]


def test_envelope_has_its_fields_and_no_others(messages: list[Message]) -> None:
    for message in messages:
        extra = {"track": {"event"}, "page": set(), "identify": {"traits"}}[message["type"]]
        assert set(message) == ENVELOPE | extra
        for clock in ("originalTimestamp", "sentAt", "receivedAt"):
            assert len(message[clock]) == 24 and message[clock].endswith("Z")


def test_context_says_where_with_what_and_whence(messages: list[Message]) -> None:
    for message in messages:
        context = message["context"]
        assert set(context) - {"campaign"} == {
            "page", "userAgent", "ip", "locale", "device", "country",
        }  # fmt: skip
        assert context["page"]["path"].startswith("/")
        assert context["device"]["type"] in {"mobile", "desktop", "tablet"}
        assert len(context["country"]) == 2
        assert context["ip"].rsplit(".", 1)[0] in {"192.0.2", "198.51.100", "203.0.113"}


@pytest.mark.parametrize("event", sorted(PROPERTIES))
def test_properties_of_each_event(messages: list[Message], event: str) -> None:
    found = named(messages, event)
    assert found, f"the small shop has no {event}"
    needed, allowed = PROPERTIES[event]
    for message in found:
        names = set(message["properties"])
        assert needed <= names <= needed | allowed
        assert message["properties"].get("currency", "EUR") == "EUR"


def test_lists_show_distinct_products_in_order(messages: list[Message]) -> None:
    seen = set()
    for message in named(messages, "Product List Viewed"):
        properties = message["properties"]
        seen.add(properties["list_id"])
        positions = [shown["position"] for shown in properties["products"]]
        products = [shown["product_id"] for shown in properties["products"]]
        assert positions == list(range(1, len(positions) + 1))
        assert len(set(products)) == len(products)
        assert ("recommendation_id" in properties) == (properties["list_id"] == "recommended")
    assert seen == LISTS


def test_clicks_point_at_what_was_shown(shop: Shop, messages: list[Message]) -> None:
    session_of = {
        row["message_id"]: row["true_session_id"]
        for row in shop.truth("event_sessions").to_pylist()
    }
    shown = {
        (session_of[m["messageId"]], m["properties"]["list_id"], p["product_id"], p["position"])
        for m in named(messages, "Product List Viewed")
        for p in m["properties"]["products"]
    }
    clicks = named(messages, "Product Clicked")
    kept = [
        (
            session_of[m["messageId"]],
            m["properties"]["list_id"],
            m["properties"]["product_id"],
            m["properties"]["position"],
        )
        in shown
        for m in clicks
    ]
    # A list view whose own line was spoilt leaves its clicks alone; that is rare.
    assert sum(kept) / len(kept) > 0.98
    first = Counter(m["properties"]["position"] for m in clicks)
    assert first[1] > 1.5 * first[8]


def test_products_are_shown_only_once_launched(shop: Shop, messages: list[Message]) -> None:
    launched = {row["product_id"]: row["launched_at"] for row in shop.table("products").to_pylist()}
    at = {row["message_id"]: row["event_at"] for row in shop.truth("event_sessions").to_pylist()}
    for message in messages:
        product = message["properties"].get("product_id")
        if product is not None:
            assert launched[product] <= at[message["messageId"]]


def test_campaigns_stand_on_landings_alone(shop: Shop, messages: list[Message]) -> None:
    truth = {row["message_id"]: row for row in shop.truth("event_sessions").to_pylist()}
    names = {campaign.name: campaign for campaign in CAMPAIGNS}
    by_session: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_session[truth[message["messageId"]]["true_session_id"]].append(message)
    carrying = 0
    for events in by_session.values():
        events.sort(key=lambda m: truth[m["messageId"]]["event_at"])
        with_campaign = [k for k, m in enumerate(events) if "campaign" in m["context"]]
        assert all(k < 2 for k in with_campaign)
        for k in with_campaign:
            campaign = events[k]["context"]["campaign"]
            known = names[campaign["name"]]
            assert (campaign["source"], campaign["medium"]) == (known.source, known.medium)
        carrying += bool(with_campaign)
    assert 0.2 < carrying / len(by_session) < 0.8


def test_customer_ids_follow_the_last_login_on_the_device(
    shop: Shop, messages: list[Message]
) -> None:
    at = {row["message_id"]: row["event_at"] for row in shop.truth("event_sessions").to_pylist()}
    by_device: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_device[message["anonymousId"]].append(message)
    known_events = 0
    strange = 0
    for events in by_device.values():
        last = None
        for message in sorted(events, key=lambda m: at[m["messageId"]]):
            if message["type"] == "identify":
                last = message["userId"]
                assert message["traits"]["email"] == f"{last}@example.com"
            if message["userId"] is not None:
                known_events += 1
                strange += message["userId"] != last
    # A login whose line was spoilt leaves its session without one; that is rare.
    assert known_events > 100
    assert strange / known_events < 0.02


def test_bots_read_and_never_buy(shop: Shop, messages: list[Message]) -> None:
    bots = {row["message_id"] for row in shop.truth("event_sessions").to_pylist() if row["is_bot"]}
    events = [message for message in messages if message["messageId"] in bots]
    assert {message.get("event") for message in events} == {"Product Viewed"}
    agents = {message["context"]["userAgent"] for message in events}
    assert any("bot" in agent for agent in agents)
    assert any("bot" not in agent for agent in agents)
