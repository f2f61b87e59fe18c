"""Who a customer is, and which rows of a warehouse are the person's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.erasure.conftest import ANNA, BERT, FROM, KEY, OWN, PERSON, SHARED, TO, erase_of
from trasos.erasure.landed import know_erased, lines_of
from trasos.erasure.person import find
from trasos.erasure.warehouse import CARRIED, _carry, tables_of
from trasos.landing.tombstones import Graveyard
from trasos.settings import Settings

ROOT = Path(__file__).parents[2]
#: batch, line, customer, device, hour, whether it is Anna's.
EVENTS = [
    ("b1", 1, None, OWN, 1, True),
    ("b1", 2, ANNA, OWN, 2, True),
    ("b1", 3, ANNA, "  ", 3, True),
    ("b1", 4, None, "  ", 3, False),
    ("b1", 5, None, None, 3, False),
    ("b2", 1, None, SHARED, 9, False),
    ("b2", 2, ANNA, SHARED, 10, True),
    ("b2", 3, None, SHARED, 12, True),
    ("b2", 4, BERT, SHARED, 14, False),
    ("b2", 5, None, SHARED, 15, False),
    ("b2", 6, None, SHARED, None, False),
    ("b3", 1, BERT, "phone-of-bert", 10, False),
]


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            attach ':memory:' as warehouse;
            create table warehouse.main.int_events_validated (
                source varchar, batch_id varchar, line_number bigint, customer_id varchar,
                visitor_id varchar, event_at timestamp
            );
            create table warehouse.main.int_identities (
                visitor_id varchar, customer_id varchar, valid_from timestamp, valid_to timestamp
            );
            create table warehouse.main.int_sessions_retired (
                session_id varchar, visitor_id varchar, started_at timestamp
            );
            """
        )
        connection.executemany(
            "insert into warehouse.main.int_events_validated values ('shop', ?, ?, ?, ?, ?)",
            [
                (batch, line, customer, device, hour and datetime(2026, 6, 1, hour))
                for batch, line, customer, device, hour, _ in EVENTS
            ],
        )
        early, forever = datetime(1970, 1, 1), datetime(9999, 12, 31)
        connection.executemany(
            "insert into warehouse.main.int_identities values (?, ?, ?, ?)",
            [
                (OWN, ANNA, early, forever),
                (SHARED, BERT, early, FROM),
                (SHARED, ANNA, FROM, TO),
                (SHARED, BERT, TO, forever),
                ("phone-of-bert", BERT, early, forever),
            ],
        )
        connection.executemany(
            "insert into warehouse.main.int_sessions_retired values (?, ?, ?)",
            [
                ("s1", OWN, FROM),
                ("s2", SHARED, FROM),
                ("s3", SHARED, TO),
                ("s4", "phone-of-bert", FROM),
            ],
        )
        yield connection


def test_devices_and_times(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert find(warehouse, tmp_path, "shop", ANNA) == PERSON
    bert = find(warehouse, tmp_path, "shop", BERT)
    assert bert.devices == {"phone-of-bert"}
    assert min(bert.shared) == (SHARED, datetime(1970, 1, 1), FROM)
    # What has no end yet ends about now: later visits are nobody's until somebody says who it is.
    assert TO < max(end for _, _, end in bert.shared) < datetime(9999, 1, 1)
    assert find(warehouse, tmp_path, "other", ANNA).devices == frozenset()
    assert find(None, tmp_path, "shop", ANNA).ids == {ANNA}


def test_hashes_of_addresses_that_nobody_shares(tmp_path: Path) -> None:
    duckdb.execute(
        f"""
        copy (select * from (values
            ('{ANNA}', 'hash-of-anna', 'landline'), ('{BERT}', 'hash-of-bert', 'landline')
        ) as t(customer_id, email, phone)) to '{tmp_path}/customers.parquet'
        """
    )
    assert find(None, tmp_path, "shop", ANNA).mails == {"hash-of-anna"}


def test_the_rows_of_a_person(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    know_erased(warehouse, erase_of(settings))
    expected = {(batch, line) for batch, line, *_, is_annas in EVENTS if is_annas}
    lines = lines_of(warehouse, "shop")
    assert {(batch, line) for batch, numbers in lines.items() for line in numbers} == expected


def test_rows_that_landing_no_longer_holds_are_carried(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path
) -> None:
    """Landing is empty here, as after its retention: others' raw rows must not be lost."""
    fresh = tmp_path / "fresh.duckdb"
    _carry(warehouse, fresh, settings.landing, erase_of(settings))
    with duckdb.connect(str(fresh)) as connection:
        rows = connection.execute(
            "select batch_id, line_number from int_events_validated order by all"
        ).fetchall()
        retired = connection.execute("select session_id from int_sessions_retired").fetchall()
    assert rows == [(batch, line) for batch, line, *_, is_annas in EVENTS if not is_annas]
    assert retired == [("s3",), ("s4",)]
    assert "int_identities" in tables_of(warehouse)


def test_all_that_no_build_makes_again_is_carried() -> None:
    kept = {
        path.stem
        for path in (ROOT / "models").rglob("*.sql")
        if "full_refresh=false" in path.read_text()
    }
    assert set(CARRIED) == (kept - {"int_watermarks"}) | {"int_events_validated"}


def test_a_person_is_the_same_by_any_key(settings: Settings) -> None:
    graves = Graveyard(settings.landing, KEY)
    stone = PERSON.tombstone(graves.key_of(None))
    assert stone.devices == PERSON.tombstone(graves.key_of(stone)).devices
