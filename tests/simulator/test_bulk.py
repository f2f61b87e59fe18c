from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from trasos.errors import ConfigurationError
from trasos.landing.schema import EVENTS
from trasos.simulator import BulkSummary, simulate_bulk
from trasos.simulator.bulk_days import mixed

EVENTS_ASKED, DAYS = 20_000, 5


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> BulkSummary:
    return simulate_bulk(EVENTS_ASKED, DAYS, tmp_path_factory.mktemp("bulk") / "landing", seed=3)


@pytest.fixture
def sql(bulk: BulkSummary) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    glob = bulk.landing / "events" / "*" / "*" / "events.parquet"
    connection.execute(
        f"create view events as from read_parquet('{glob}', hive_partitioning = true)"
    )
    for table in (bulk.landing / "tables").glob("*.parquet"):
        connection.execute(f"create view {table.stem} as from '{table}'")
    return connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_gives_what_was_asked_for(bulk: BulkSummary, sql: duckdb.DuckDBPyConnection) -> None:
    rows, days = one(sql, "select count(*), count(distinct load_date) from events")
    assert rows == bulk.events
    assert days == DAYS == bulk.files
    assert abs(bulk.events / EVENTS_ASKED - 1) < 0.05


def test_has_the_landed_schema(sql: duckdb.DuckDBPyConnection) -> None:
    described = sql.execute("describe select * exclude (load_date) from events").fetchall()
    assert [row[0] for row in described] == EVENTS.names
    kinds = {row[0]: row[1] for row in described}
    assert kinds.pop("_line_number") == "BIGINT"
    assert kinds.pop("_loaded_at") == "TIMESTAMP"
    assert set(kinds.values()) == {"VARCHAR"}


def test_json_is_sound_and_lines_are_ordered(sql: duckdb.DuckDBPyConnection) -> None:
    assert one(
        sql,
        """
        select
            bool_and(json_valid(properties)),
            bool_and(json_valid(context)),
            bool_and(traits is null or json_valid(traits)),
            bool_and((traits is not null) = (type = 'identify')),
            bool_and(json_extract_string(context, '$.userAgent') is not null)
        from events
        """,
    ) == (True, True, True, True, True)
    assert one(
        sql,
        """
        select bool_and(received_at >= before) from (
            select received_at, lag(received_at, 1, '') over
                (partition by load_date order by _line_number) as before
            from events
        )
        """,
    ) == (True,)
    assert one(sql, "select count(*) - count(distinct (load_date, _line_number)) from events") == (
        0,
    )


def test_has_repeats_late_events_and_rejects(sql: duckdb.DuckDBPyConnection) -> None:
    repeats, no_id, no_visitor, unreadable, unknown = one(
        sql,
        """
        select
            count(message_id) - count(distinct message_id),
            count(*) filter (message_id is null),
            count(*) filter (anonymous_id is null),
            count(*) filter (try_cast(original_timestamp as timestamp) is null),
            count(*) filter (event = 'Page Ping')
        from events
        """,
    )
    assert repeats and no_id and no_visitor and unreadable and unknown
    assert one(
        sql,
        """
        select count(*) > 0 from events
        where try_cast(original_timestamp as timestamp) < load_date - interval 1 day
        """,
    ) == (True,)


def test_orders_have_their_events_and_customers(
    bulk: BulkSummary, sql: duckdb.DuckDBPyConnection
) -> None:
    assert bulk.orders > 20
    assert one(
        sql,
        """
        select count(*), count(e.id), count(c.customer_id),
            bool_and(e.customer = o.customer_id), bool_and(e.revenue = i.unit_price)
        from orders as o
        inner join order_items as i using (order_id)
        left join (
            select distinct json_extract_string(properties, '$.order_id') as id,
                user_id as customer,
                json_extract_string(properties, '$.revenue')::decimal(12, 2) as revenue
            from events where event = 'Order Completed'
        ) as e on e.id = o.order_id
        left join customers as c using (customer_id)
        """,
    ) == (bulk.orders, bulk.orders, bulk.orders, True, True)


def test_sessions_are_of_the_expected_length(
    bulk: BulkSummary, sql: duckdb.DuckDBPyConnection
) -> None:
    (per_visitor,) = one(sql, "select count(*) / count(distinct anonymous_id) from events")
    assert isinstance(per_visitor, float)
    assert 20 < per_visitor < 80


def test_rows_depend_on_the_seed_alone(bulk: BulkSummary, tmp_path: Path) -> None:
    def fingerprint(landing: Path) -> list[tuple[object, ...]]:
        glob = landing / "events" / "*" / "*" / "events.parquet"
        return duckdb.execute(
            f"select * from read_parquet('{glob}', hive_partitioning = true) "
            "order by load_date, _line_number"
        ).fetchall()

    again = simulate_bulk(EVENTS_ASKED, DAYS, tmp_path / "a", seed=3, threads=1)
    assert fingerprint(again.landing) == fingerprint(bulk.landing)
    other = simulate_bulk(EVENTS_ASKED, DAYS, tmp_path / "b", seed=4)
    assert fingerprint(other.landing) != fingerprint(bulk.landing)


@pytest.mark.parametrize(
    ("events", "days", "seed"), [(999, 5, 1), (-1, 5, 1), (20_000, 0, 1), (20_000, 5, -1)]
)
def test_refuses_sizes_that_make_no_sense(
    tmp_path: Path, events: int, days: int, seed: int
) -> None:
    with pytest.raises(ConfigurationError, match="bulk simulation"):
        simulate_bulk(events, days, tmp_path / "landing", seed=seed)


def test_refuses_a_landing_folder_in_use(bulk: BulkSummary) -> None:
    with pytest.raises(ConfigurationError, match="not empty"):
        simulate_bulk(EVENTS_ASKED, DAYS, bulk.landing.parent, seed=3)


def test_mixing_keeps_its_numbers() -> None:
    # splitmix64 of seed 0 begins with this number in the reference implementation.
    assert int(mixed(np.array([0]), 1)[0]) == 0xE220A8397B1DCDAF
