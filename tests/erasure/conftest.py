"""A small shop by hand: who is on which device, and what landing makes of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from tests.factories import make_event
from trasos.erasure.person import Person
from trasos.landing import land
from trasos.landing.pseudonyms import Pseudonyms
from trasos.landing.tombstones import Graveyard, Tombstones
from trasos.settings import Settings

KEY = Pseudonyms(b"a key for tests alone")
ANNA, BERT = "c00001", "c000012"
OWN, SHARED = "phone-of-anna", "tablet-of-both"
FROM, TO = datetime(2026, 6, 1, 10), datetime(2026, 6, 1, 14)

PERSON = Person("shop", ANNA, frozenset({OWN}), ((SHARED, FROM, TO),))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def inbox(settings: Settings) -> Path:
    folder = settings.inbox / "shop"
    (folder / "events").mkdir(parents=True)
    (folder / "tables").mkdir()
    return folder


def at(hour: int, **changes: Any) -> dict[str, Any]:
    """An event on the day of the shared device, at an hour."""
    return make_event(at=datetime(2026, 6, 1, hour), **changes)


#: Each line with whether it is Anna's.
LINES: list[tuple[Any, bool]] = [
    (at(9, anonymousId="guest", userId=None), False),
    (at(9, anonymousId=OWN, userId=None), True),
    (at(9, anonymousId="elsewhere", userId=ANNA), True),
    (at(9, anonymousId="elsewhere", userId=BERT), False),
    (at(9, anonymousId=SHARED, userId=None), False),
    (at(10, anonymousId=SHARED, userId=ANNA), True),
    (at(12, anonymousId=SHARED, userId=None), True),
    (at(12, anonymousId=SHARED, userId=BERT), False),
    (at(15, anonymousId=SHARED, userId=None), False),
]
#: Lines that do not parse, with whether they name her.
BROKEN: list[tuple[bytes, bool]] = [
    (b'{"userId": "c00001", "event": ', True),
    (b'{"anonymousId":"phone-of-anna"', True),
    (b'{"userId": "c000012", "event": ', False),
]


def drop(inbox: Path, name: str = "day.jsonl", lines: list[tuple[Any, bool]] = LINES) -> int:
    """Write an event file; the number of Anna's events in it."""
    content = [orjson.dumps(line) for line, _ in lines] + [b""] + [raw for raw, _ in BROKEN]
    (inbox / "events" / name).write_bytes(b"\n".join(content) + b"\n")
    return sum(is_annas for _, is_annas in lines)


def drop_tables(inbox: Path) -> None:
    """Write the shop's tables: text ids, whole numbers, CSV."""
    tables = inbox / "tables"
    duckdb.execute(
        f"""
        copy (
            select * from (values ('{ANNA}', 'DE'), ('{BERT}', 'AT')) as t(customer_id, country)
        ) to '{tables}/customers.parquet';
        copy (
            select * from (values
                ('o1', '{ANNA}', 10.50::decimal(12, 2)), ('o2', '{BERT}', 20.25),
                ('o3', null, 5.00), ('o4', '{ANNA}', 0.01)
            ) as t(order_id, customer_id, total)
        ) to '{tables}/orders.parquet';
        copy (
            select * from (values ('t1', '{ANNA}', 'late'), ('t2', '{BERT}', 'torn'))
            as t(ticket_id, userId, subject)
        ) to '{tables}/tickets.csv' (header);
        """
    )


def erase_of(settings: Settings, person: Person = PERSON) -> Tombstones:
    """Put up the person's tombstone, and nothing else."""
    graves = Graveyard(settings.landing, KEY)
    graves.write(person.tombstone(graves.key_of(None)))
    return graves.of(person.source)


def landing(settings: Settings) -> None:
    report = land("shop", settings, loaded_at=datetime(2026, 6, 2), pseudonyms=KEY)
    assert report.refused == []


def rows(settings: Settings, what: str) -> list[tuple[Any, ...]]:
    """Landed rows: ``events``, ``dead_letters`` or the name of a table, without moments."""
    root = settings.landing / "shop"
    if what == "events":
        columns, path = (
            "anonymous_id, user_id, original_timestamp, _line_number",
            "events/*/*/events",
        )
    elif what == "dead_letters":
        columns, path = "line_number, reason, raw", "events/*/*/dead_letters"
    else:
        columns, path = "*", f"tables/{what}"
    found = duckdb.execute(f"select {columns} from '{root}/{path}.parquet' order by all")
    return found.fetchall()


def manifests(settings: Settings) -> list[dict[str, Any]]:
    paths = sorted((settings.landing / "shop/events").glob("*/*/manifest.json"))
    return [orjson.loads(path.read_bytes()) for path in paths]


def state(settings: Settings) -> dict[str, Any]:
    """All that landing holds, to compare."""
    names = ("events", "dead_letters", "customers", "orders", "tickets")
    counted = ("lines", "events", "dead_letters", "dead_letters_by_reason", "blank")
    return {
        **{name: rows(settings, name) for name in names},
        "manifests": [{name: one[name] for name in counted} for one in manifests(settings)],
        "leftovers": [
            path.name
            for path in settings.landing.rglob("*")
            if path.name.endswith(".new") and "tombstones" not in str(path)
        ],
    }
