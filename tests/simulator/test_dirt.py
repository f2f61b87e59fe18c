from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson

from trasos.simulator.log import EVENT_NAMES
from trasos.simulator.world import World

from .conftest import Shop

NAMES = set(EVENT_NAMES.values())


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def verdict(line: bytes) -> tuple[str, str]:
    """What the event contract says of one line, repeats aside: written anew from the contract."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return "malformed", ""
    if not message.get("messageId"):
        return "rejected", "no_event_id"
    if not message.get("anonymousId"):
        return "rejected", "no_visitor_id"
    received = moment(message["receivedAt"])
    try:
        at = received - (moment(message["sentAt"]) - moment(message["originalTimestamp"]))
    except ValueError:
        return "rejected", "unreadable_time"
    if at > received + timedelta(hours=24):
        return "rejected", "time_in_future"
    if message["type"] == "track" and message["event"] not in NAMES:
        return "rejected", "unknown_event_type"
    properties = message["properties"]
    if properties.get("price", 0) < 0:
        return "rejected", "negative_price"
    if properties.get("quantity", 0) < 0:
        return "rejected", "negative_quantity"
    if message.get("event") == "Order Completed" and not properties.get("order_id"):
        return "rejected", "order_without_id"
    return "sound", message["messageId"]


def test_every_line_has_exactly_the_fate_that_the_truth_counts(shop: Shop) -> None:
    verdicts = [verdict(line) for _day, line in shop.lines]
    kinds = Counter(kind for kind, _ in verdicts)
    reasons = Counter(reason for kind, reason in verdicts if kind == "rejected")
    sound = Counter(reason for kind, reason in verdicts if kind == "sound")
    dirt = shop.truth_json("dirt")
    assert dirt["lines"] == len(shop.lines)
    assert dirt["malformed"] == kinds["malformed"]
    assert dirt["rejected"] == kinds["rejected"]
    assert {k: v for k, v in dirt["rejected_by_reason"].items() if v} == dict(reasons)
    assert dirt["accepted"] == len(sound)
    assert dirt["duplicates"] == sound.total() - len(sound)
    assert dirt["lines"] == (
        dirt["malformed"] + dirt["duplicates"] + dirt["rejected"] + dirt["accepted"]
    )
    assert set(shop.truth("event_sessions")["message_id"].to_pylist()) == set(sound)


def test_every_kind_of_dirt_occurs_in_the_default_shop(world: World) -> None:
    dirt = world.lines.counts(world.is_bot)
    assert all(dirt["malformed_by_kind"].values())
    assert all(dirt["rejected_by_reason"].values())
    assert dirt["duplicates"] and dirt["late_accepted"] and dirt["bot_accepted"]
    assert 0.95 < dirt["accepted"] / dirt["lines"] < 0.995


def test_no_line_is_empty_or_carries_a_line_end(shop: Shop) -> None:
    assert all(line and b"\r" not in line for _day, line in shop.lines)


def test_corrected_time_is_the_true_time(shop: Shop, messages: list[dict[str, Any]]) -> None:
    true = {row["message_id"]: row["event_at"] for row in shop.truth("event_sessions").to_pylist()}
    assert len(messages) == len(true)
    for message in messages:
        at = moment(message["receivedAt"]) - (
            moment(message["sentAt"]) - moment(message["originalTimestamp"])
        )
        assert at.replace(tzinfo=None) == true[message["messageId"]]


def test_some_clocks_are_wrong_and_some_events_come_late(messages: list[dict[str, Any]]) -> None:
    skews = {
        message["anonymousId"]: abs(moment(message["sentAt"]) - moment(message["receivedAt"]))
        for message in messages
    }
    wrong = sum(skew > timedelta(seconds=30) for skew in skews.values()) / len(skews)
    assert 0.01 < wrong < 0.15
    late = [
        moment(m["sentAt"]) - moment(m["originalTimestamp"]) > timedelta(hours=1) for m in messages
    ]
    assert 0.001 < sum(late) / len(late) < 0.03


def test_lines_lie_in_the_folder_of_their_delivery_day_and_out_of_order(shop: Shop) -> None:
    received: list[str] = []
    for day, line in shop.lines:
        if verdict(line)[0] == "malformed":
            continue
        message = orjson.loads(line)
        assert message["receivedAt"].startswith(day)
        received.append(message["receivedAt"])
    days = {day for day, _ in shop.lines}
    assert min(days) >= shop.config.start_date.isoformat()
    assert max(days) <= shop.config.end_date.isoformat()
    ascending = sum(a <= b for a, b in pairwise(received))
    assert 0.4 < ascending / len(received) < 0.6


def test_a_repeat_says_the_same_as_the_first(shop: Shop) -> None:
    first: dict[str, bytes] = {}
    identical = later = 0
    for _day, line in shop.lines:
        kind, key = verdict(line)
        if kind != "sound":
            continue
        if key not in first:
            first[key] = line
        elif first[key] == line:
            identical += 1
        else:
            one, two = orjson.loads(first[key]), orjson.loads(line)
            for clock in ("sentAt", "receivedAt"):
                del one[clock], two[clock]
            assert one == two
            later += 1
    assert identical and later
