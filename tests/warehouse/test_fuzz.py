"""Whatever comes in: every line is counted, every row has one verdict, and no build stops."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from tests.factories import make_event
from tests.warehouse.home import Home, fingerprints
from tests.warehouse.hostile import (
    Raw,
    Told,
    as_json,
    hostile_lines,
    hostile_parquet,
    refused_files,
)
from tests.warehouse.test_incremental import EVENT_LAYERS, TABLES, write_tables
from trasos.landing import LandingReport, land

#: What a tracker may send as a time, and the moment that it is, written by hand.
READ = {
    "2026-06-01T12:00:00Z": "2026-06-01 12:00:00",
    "2026-06-01T12:00:00.123Z": "2026-06-01 12:00:00.123000",
    "2026-06-01T12:00:00.123456789Z": "2026-06-01 12:00:00.123456",
    "2026-06-01T12:00Z": "2026-06-01 12:00:00",
    "2026-06-01T12:00:00": "2026-06-01 12:00:00",
    "2026-06-01 12:00:00": "2026-06-01 12:00:00",
    "2026-06-01 14:00:00+02": "2026-06-01 12:00:00",
    "2026-06-01T14:00:00+0200": "2026-06-01 12:00:00",
    "2026-06-01T17:30:00.5+05:30": "2026-06-01 12:00:00.500000",
    "2026-06-01T01:00:00-11:00": "2026-06-01 12:00:00",
    "2024-02-29T23:59:59.999-01:00": "2024-03-01 00:59:59.999000",
    "1999-12-31T23:00:00-01:00": "2000-01-01 00:00:00",
}
NOT_READ = (
    *(1780315200, 1780315200000, 1780315200.5, "1780315200", "1780315200000"),
    *("01/06/2026 12:00", "06/01/2026 12:00:00", "2026/06/01 12:00:00", "2026-6-1 12:00:00"),
    *("2026-06-01", "2026-06", "20260601T120000Z", "2026-W23-1T12:00:00Z", "2026-152T12:00:00Z"),
    *("Mon, 01 Jun 2026 12:00:00 GMT", "2026-06-01T12:00:00 UTC", "2026-06-01 12:00:00 IST"),
    *("2026-06-01T12:00:00 Europe/Berlin", "2026-06-01T12:00:00,5Z", "2026-06-01T25:00Z"),
    *("2026-06-01T12:00:00+02:00:00", "2016-12-31T23:59:60Z", "2026-06-01T24:00:00Z"),
    *("2026-02-30T12:00:00Z", "2026-06-01T12:00:00z", "12:00:00", "2026-06-01T12:00:00Zjunk"),
    *("2026-06-01T12:00:00.1234567891Z", "2026-06-01T12:00:00.Z"),
    *("2026-06-01T12:00:00+15:00", " 2026-06-01T12:00:00Z", "2026-06-01T12", "now", "epoch"),
    *("infinity", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z"),
    *("2100-01-01T00:00:00Z", "", "yesterday", True, [2026, 6, 1], {"seconds": 1780315200}),
)
#: Price and quantity as sent, and what becomes of them.
NUMBERS: tuple[tuple[Any, str | None, int | None, str | None], ...] = (
    (5, "5.00", 5, None),
    ("5", "5.00", 5, None),
    (Raw("1e3"), "1000.00", 1000, None),
    ("1e3", "1000.00", 1000, None),
    (Raw("-0.0"), "0.00", 0, None),
    (None, None, None, None),
    (1.25, "1.25", None, "unreadable_quantity"),
    (Raw("2147483648"), "2147483648.00", None, "unreadable_quantity"),
    (-1, "-1.00", -1, "negative_price"),
    *(
        (value, None, None, "unreadable_quantity")
        for value in ("1_000", "1,50", "0x10", "NaN", "inf", "1e999", "", True, {}, [], "٣")
    ),
    (Raw("123456789" * 5), None, None, "unreadable_quantity"),
)
LAYERS = (*EVENT_LAYERS, "+fct_impressions", "+ftr_interaction_events")


@dataclass(frozen=True)
class Fuzzed:
    """A home into which hostile files came, and what is known of them."""

    home: Home
    report: LandingReport
    lines: dict[str, Told]
    rows: dict[str, int]
    refused: set[str]


def timed() -> str:
    events = [
        make_event(messageId=f"t{n}", originalTimestamp=time, sentAt=None, anonymousId=f"t{n}")
        for n, time in enumerate((*READ, *NOT_READ))
    ]
    return "".join(json.dumps(event) + "\n" for event in events)


def numbered() -> str:
    keys = ("price", "quantity")
    events = [
        make_event("Product Added", messageId=f"n{n}", properties=dict.fromkeys(keys, value))
        for n, (value, *_) in enumerate(NUMBERS)
    ]
    return "".join(as_json(event) + "\n" for event in events)


def dropped(home: Home, seed: int, count: int) -> Fuzzed:
    events = home.settings.inbox / "shop/events"
    events.mkdir(parents=True)
    lines = hostile_lines(events, seed, count)
    (events / "times.jsonl").write_text(timed())
    lines["times.jsonl"] = Told(len(READ) + len(NOT_READ), 0, 0)
    (events / "numbers.jsonl").write_text(numbered())
    lines["numbers.jsonl"] = Told(len(NUMBERS), 0, 0)
    rows, refused = hostile_parquet(events), refused_files(events)
    write_tables(home)
    return Fuzzed(home, land("shop", home.settings), lines, rows, refused)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Fuzzed:
    found = dropped(Home(tmp_path_factory.mktemp("fuzzed")), seed=20261122, count=600)
    found.home.dbt(*LAYERS)
    return found


def physical(file: Path) -> bytes:
    """The content of a file of lines, unpacked by another way than landing's."""
    content = file.read_bytes()
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    elif file.suffix == ".zst":
        content = zstandard.ZstdDecompressor().stream_reader(content).readall()
    return content.removeprefix(b"\xef\xbb\xbf")


def test_every_line_of_every_file_is_counted(fuzzed: Fuzzed) -> None:
    inbox = fuzzed.home.settings.inbox / "shop"
    batches = {Path(batch.name).name: batch for batch in fuzzed.report.batches}
    assert set(batches) == {*fuzzed.lines, *fuzzed.rows}
    for name, told in fuzzed.lines.items():
        batch, parts = batches[name], physical(inbox / "events" / name).split(b"\n")
        parts = parts if parts[-1] else parts[:-1]
        assert batch.lines == len(parts), name
        assert batch.blank == sum(not part.strip() for part in parts) == told.blank, name
        assert (batch.events, batch.dead.total()) == (told.events, told.dead), name
        assert batch.lines == batch.events + batch.dead.total() + batch.blank
    for name, rows in fuzzed.rows.items():
        assert (batches[name].lines, batches[name].events) == (rows, rows), name


def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing(fuzzed: Fuzzed) -> None:
    told = {Path(name).name: reason for name, reason in fuzzed.report.refused}
    assert set(told) == fuzzed.refused
    assert all(told.values())
    landed = fuzzed.home.settings.landing / "shop/events/*/*/*.parquet"
    files = duckdb.sql(f"select filename from glob('{landed}') as t(filename)").fetchall()
    assert len(files) == 2 * (len(fuzzed.lines) + len(fuzzed.rows))
    assert "never" not in fuzzed.home.query("select distinct event_id from int_events_judged")


def assert_every_row_has_one_verdict(found: Fuzzed) -> None:
    landed = found.home.settings.landing / "shop/events/*/*/events.parquet"
    raw = duckdb.sql(
        f"select _batch_id, _line_number from read_parquet('{landed}', union_by_name = true)"
    ).fetchall()
    judged = found.home.query("select batch_id, line_number from int_events_judged")
    events = sum(told.events for told in found.lines.values()) + sum(found.rows.values())
    assert len(raw) == len(set(raw)) == events
    assert sorted(raw) == sorted(judged)
    dead = sum(told.dead for told in found.lines.values())
    assert found.home.query(
        "select sum(line_count), sum(dead_letter_count), sum(raw_count), "
        "sum(accepted_count + duplicated_count + rejected_count) from rpt_event_conservation"
    ) == [(events + dead, dead, events, events)]


def test_every_raw_row_has_one_verdict(fuzzed: Fuzzed) -> None:
    assert_every_row_has_one_verdict(fuzzed)
    verdicts = dict(
        fuzzed.home.query("select verdict, count(*) from int_events_judged group by all")
    )
    assert min(verdicts.values()) > 100, "too few of a kind to show anything"
    assert fuzzed.home.one("select count(*) from fct_impressions") > 10
    assert fuzzed.home.one("select count(*) from ftr_interaction_events") > 100
    reasons = fuzzed.home.query("select distinct reject_reason from int_events_judged")
    assert {reason for (reason,) in reasons} >= {
        *("no_event_id", "no_visitor_id", "unreadable_time", "unknown_event_type", None),
        *("unreadable_json", "unreadable_quantity", "unreadable_unit_price", "negative_price"),
    }


def test_what_is_accepted_keeps_the_rules(fuzzed: Fuzzed) -> None:
    assert (
        fuzzed.home.one(
            """
            select count(*) from int_events_accepted
            where trim(event_id) = '' or trim(visitor_id) = '' or unit_price < 0 or quantity < 0
                or event_at is null or event_at < '2000-01-01' or event_at >= '2100-01-01'
            """
        )
        == 0
    )


def test_numbers_are_read_or_rejected(fuzzed: Fuzzed) -> None:
    judged = dict(
        fuzzed.home.query(
            "select event_id, (unit_price::varchar, quantity, reject_reason) "
            "from int_events_judged where event_id similar to 'n[0-9]+'"
        )
    )
    for number, (_, *told) in enumerate(NUMBERS):
        assert judged[f"n{number}"] == tuple(told), NUMBERS[number]


def test_times_are_read_at_the_right_moment_or_rejected(fuzzed: Fuzzed) -> None:
    judged = dict(
        fuzzed.home.query(
            "select event_id, (event_at, reject_reason) from int_events_judged "
            "where event_id similar to 't[0-9]+'"
        )
    )
    for number, (text, moment) in enumerate(READ.items()):
        assert judged[f"t{number}"] == (datetime.fromisoformat(moment), None), text
    for number, text in enumerate(NOT_READ, start=len(READ)):
        assert judged[f"t{number}"] == (None, "unreadable_time"), text


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_other_seeds_and_a_second_load(tmp_path: Path, seed: int) -> None:
    """Two loads, each with a build, give the tables of one."""
    home = Home(tmp_path / "grown")
    found = dropped(home, seed, count=3_000)
    home.dbt(*LAYERS)
    later = home.settings.inbox / "shop/events/later"
    later.mkdir()
    lines = hostile_lines(later, seed + 1_000, 1_000)
    second = land("shop", home.settings)
    home.dbt(*LAYERS)
    # Files of the same content are landed once, whatever their name.
    new = {Path(batch.name).name for batch in second.batches}
    both = {f"later/{name}": told for name, told in lines.items() if name in new} | found.lines
    assert_every_row_has_one_verdict(Fuzzed(home, second, both, found.rows, found.refused))
    once = Home(tmp_path / "once")
    once.path.mkdir()
    (once.path / "landing").symlink_to(home.settings.landing)
    once.dbt(*LAYERS)
    assert fingerprints(home, TABLES) == fingerprints(once, TABLES)
