"""Paths and credit by the models' own SQL on shops that nobody would think of."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.marketing.rendered import build
from trasos.marketing import channel_effects

BEGIN = datetime(2026, 1, 1)
PERSONS = ("customer:a", "customer:b", "visitor:c")
MODELS = 8

SESSIONS = st.lists(
    st.tuples(
        st.sampled_from(PERSONS),
        st.integers(0, 1_500),
        st.sampled_from(["direct", "email", "search"]),
        st.sampled_from([None, "", "Sale"]),
    ),
    max_size=12,
)
ORDERS = st.lists(
    st.tuples(
        # None is a guest; the number picks the visit that placed it, or none.
        st.sampled_from([*PERSONS[:2], None]),
        st.integers(0, 1_500),
        st.integers(0, 20),
        st.integers(-500, 10_000),
    ),
    min_size=1,
    max_size=6,
)
SESSION_TYPES = pa.schema(
    [
        ("session_id", pa.string()), ("person_id", pa.string()), ("started_at", pa.timestamp("us")),
        ("channel", pa.string()), ("utm_campaign", pa.string()), ("is_direct", pa.bool_()),
    ]
)  # fmt: skip
ORDER_TYPES = pa.schema(
    [
        ("order_id", pa.string()), ("session_id", pa.string()), ("person_id", pa.string()),
        ("visitor_person_id", pa.string()),
        ("ordered_at", pa.timestamp("us")), ("order_month", pa.date32()),
        ("is_first_order", pa.bool_()), ("is_cancelled", pa.bool_()), ("currency", pa.string()),
        ("net_revenue", pa.decimal128(18, 2)), ("gross_margin", pa.decimal128(18, 2)),
    ]
)  # fmt: skip


def shop(sessions: list[Any], orders: list[Any]) -> tuple[pa.Table, pa.Table]:
    visits = [
        {
            "session_id": f"s{number}",
            "person_id": person,
            "started_at": BEGIN + timedelta(hours=hour),
            "channel": channel,
            "utm_campaign": campaign,
            "is_direct": channel == "direct",
        }
        for number, (person, hour, channel, campaign) in enumerate(sessions)
    ]
    bought = [
        {
            "order_id": f"o{number}",
            "session_id": f"s{place}" if place < len(sessions) else None,
            "person_id": person or f"order:o{number}",
            "visitor_person_id": person
            or (sessions[place][0] if place < len(sessions) else f"order:o{number}"),
            "ordered_at": BEGIN + timedelta(hours=hour, minutes=30),
            "order_month": BEGIN.date(),
            "is_first_order": True,
            "is_cancelled": False,
            "currency": "EUR",
            "net_revenue": Decimal(cents).scaleb(-2),
            "gross_margin": Decimal(cents // 3 - 50).scaleb(-2),
        }
        for number, (person, hour, place, cents) in enumerate(orders)
    ]
    return pa.Table.from_pylist(visits, SESSION_TYPES), pa.Table.from_pylist(bought, ORDER_TYPES)


def first_touches(visits: list[Any], bought: list[Any]) -> dict[str, str]:
    """The channel of each order's first touch, by the rules as they are written, one by one."""
    person_of = {visit["session_id"]: visit["person_id"] for visit in visits}
    for order in bought:
        if order["person_id"].startswith("order:") and order["session_id"]:
            order["person_id"] = person_of[order["session_id"]]
    bought.sort(key=lambda order: (order["ordered_at"], order["order_id"]))
    for order in reversed(bought):
        if order["session_id"]:
            person_of[order["session_id"]] = order["person_id"]
    found = {}
    for place, order in enumerate(bought):
        earlier = [o["ordered_at"] for o in bought[:place] if o["person_id"] == order["person_id"]]
        touches = []
        for visit in visits:
            placed = [o for o in bought if o["session_id"] == visit["session_id"]]
            at = min([visit["started_at"], *(o["ordered_at"] for o in placed)])
            mine = person_of[visit["session_id"]] == order["person_id"]
            since = all(at > moment for moment in earlier)
            recent = order["ordered_at"] - at <= timedelta(days=30)
            placed_it = order["session_id"] == visit["session_id"]
            if mine and recent and at <= order["ordered_at"] and (since or placed_it):
                touches.append((at, visit["session_id"], visit["channel"]))
        found[order["order_id"]] = min(touches)[2] if touches else "unknown"
    return found


@settings(max_examples=20, deadline=None)
@given(sessions=SESSIONS, orders=ORDERS)
def test_no_visit_and_no_cent_is_lost(sessions: list[Any], orders: list[Any]) -> None:
    visits, bought = shop(sessions, orders)
    with duckdb.connect() as connection:
        connection.register("fct_sessions", visits)
        connection.register("fct_order_values", bought)
        build(connection, "fct_touchpoints", "fct_touch_credits")
        touches = connection.table("fct_touchpoints").to_arrow_table()
        effects = channel_effects(touches, {"markov_order": 1})
        connection.register("mkt_channel_effect", effects)
        build(connection, "rpt_channel_effects", "fct_attribution")
        credited = connection.execute(
            "select order_id, model, sum(credit_share), sum(net_revenue), sum(gross_margin), "
            "min(credit_share) from fct_attribution group by all"
        ).fetchall()
        first = connection.execute(
            "select order_id, channel from fct_attribution where model = 'first'"
        ).fetchall()
    assert set(touches["session_id"].to_pylist()) == set(visits["session_id"].to_pylist())
    worth = {row["order_id"]: row for row in bought.to_pylist()}
    assert len(credited) == MODELS * len(worth)
    for order_id, _, share, revenue, margin, least in credited:
        assert (share, revenue) == (1, worth[order_id]["net_revenue"])
        assert margin == worth[order_id]["gross_margin"]
        assert least > 0
    assert dict(first) == first_touches(visits.to_pylist(), bought.to_pylist())
