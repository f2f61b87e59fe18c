"""The SQL that shares credit out, on published paths and on paths with answers by hand."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.marketing.data import published_rows, wants_paths
from tests.marketing.rendered import build


def credited(paths: dict[str, str], hours: float = 24, **variables: Any) -> dict[Any, float]:
    """Share of each touch, by path, model and place from 1; touches are some hours apart."""
    with touches_of(paths, hours) as connection:
        build(connection, "fct_touch_credits", **variables)
        rows = connection.execute(
            "select path_id, model, cast(split_part(session_id, '/', 2) as integer), credit_share "
            "from fct_touch_credits"
        ).fetchall()
    return {(path, model, place): share for path, model, place, share in rows}


def touches_of(paths: dict[str, str], hours: float) -> duckdb.DuckDBPyConnection:
    rows = [
        {
            "path_id": path,
            "order_id": f"o{path}",
            "session_id": f"{path}/{number}",
            "touch_number": number,
            "hours": hours * number,
            "channel": channel,
            "campaign": "none",
        }
        for path, text in paths.items()
        for number, channel in enumerate(text.split(" > "), 1)
    ]
    connection = duckdb.connect()
    connection.register("touches", pa.Table.from_pylist(rows))
    connection.execute(
        "create table fct_touchpoints as select *, channel = 'direct' as is_direct, "
        "make_timestamp(cast(hours * 3600000000 as bigint)) as touched_at from touches"
    )
    return connection


@wants_paths
def test_first_last_and_linear_are_the_published_ones() -> None:
    rows = published_rows("Data.csv", ";")
    paths = {str(number): row["path"] for number, row in enumerate(rows)}
    weights = pa.table(
        {
            "path_id": list(paths),
            "conversions": [float(row["total_conversions"]) for row in rows],
            "value": [float(row["total_conversion_value"]) for row in rows],
        }
    )
    with touches_of(paths, hours=1) as connection:
        build(connection, "fct_touch_credits")
        connection.register("weights", weights)
        found = connection.execute(
            "select model, channel, sum(credit_share * conversions), sum(credit_share * value) "
            "from fct_touch_credits inner join weights using (path_id) group by all"
        ).fetchall()
    ours = {(model, channel): sums for model, channel, *sums in found}
    expected = published_rows("expected_heuristic_models.csv")
    assert len(expected) == 12
    for row in expected:
        for model in ("first", "last", "linear"):
            conversions, value = ours.get((model, row["channel_name"]), (0.0, 0.0))
            assert conversions == pytest.approx(float(row[f"{model}_touch_conversions"]), abs=1e-6)
            assert value == pytest.approx(float(row[f"{model}_touch_value"]), abs=1e-6)


@pytest.mark.parametrize(
    ("path", "model", "shares"),
    [
        ("a", "position", [1]),
        ("a > b", "position", [0.5, 0.5]),
        ("a > b > c", "position", [0.4, 0.2, 0.4]),
        ("a > b > c > d", "position", [0.4, 0.1, 0.1, 0.4]),
        ("a > direct > direct", "last_non_direct", [1, 0, 0]),
        ("direct > direct", "last_non_direct", [0, 1]),
        ("direct > a > b > direct", "last_non_direct", [0, 0, 1, 0]),
        ("a > a > b", "shapley", [0.25, 0.25, 0.5]),
        ("a > b > a > c", "linear", [0.25] * 4),
    ],
)
def test_shares_by_hand(path: str, model: str, shares: list[float]) -> None:
    found = credited({"p": path})
    assert [found["p", model, place] for place in range(1, len(shares) + 1)] == pytest.approx(
        shares, abs=1e-9
    )


def test_time_decay_halves_with_each_half_life_before_the_last_touch() -> None:
    found = credited({"p": "a > b > c"}, hours=7 * 24)
    assert [found["p", "time_decay", place] for place in (1, 2, 3)] == pytest.approx(
        [1 / 7, 2 / 7, 4 / 7], abs=1e-9
    )
    old = credited({"p": "a > b"}, hours=24 * 365 * 50)
    assert old["p", "time_decay", 2] == 1


def test_direct_visits_may_go_without_credit_where_there_is_another_channel() -> None:
    found = credited(
        {"p": "direct > a > direct", "q": "direct > direct"}, attribution_credits_direct=False
    )
    assert found["p", "linear", 2] == 1
    assert ("p", "linear", 1) not in found
    assert found["q", "linear", 1] == 0.5


def test_shares_of_position_follow_the_vars() -> None:
    found = credited(
        {"p": "a > b > c > d"}, attribution_first_share=0.7, attribution_last_share=0.1
    )
    assert [found["p", "position", place] for place in range(1, 5)] == pytest.approx(
        [0.7, 0.1, 0.1, 0.1]
    )
