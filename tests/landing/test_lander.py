from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import orjson
import pytest

from tests.victims import Victims, victims
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.landing import LandingReport, land
from trasos.settings import Settings

from .conftest import batches, event, json_lines, landed, packed

Drop = Callable[[str, bytes], Path]


def contents(settings: Settings) -> list[tuple[object, ...]]:
    """What was landed, leaving out when."""
    rows = landed(settings) + landed(settings, what="dead_letters")
    return [
        tuple(
            (name, value) for name, value in row.items() if name not in ("_loaded_at", "load_date")
        )
        for row in rows
    ]


def test_a_batch_holds_its_three_files_and_a_true_manifest(settings: Settings, drop: Drop) -> None:
    path = drop("events/a.jsonl", json_lines(event(1), event(2)) + b"\nbroken\n")
    moment = datetime(2025, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    report = land("shop", settings, loaded_at=moment)
    (folder,) = batches(settings)
    assert report.batches[0].folder == folder
    assert folder.parent.name == "load_date=2025-03-02"
    assert sorted(path.name for path in folder.iterdir()) == [
        "dead_letters.parquet",
        "events.parquet",
        "manifest.json",
    ]
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    assert manifest["sha256"].startswith(folder.name)
    assert manifest["size"] == path.stat().st_size
    del manifest["sha256"], manifest["size"], manifest["mtime_ns"]
    assert manifest.pop("dead_letters_by_reason").popitem()[1] == 1
    assert manifest == {
        "source_file": "events/a.jsonl",
        "lines": 4,
        "events": 2,
        "dead_letters": 1,
        "blank": 1,
        "loaded_at": "2025-03-02T01:30:00",
    }
    assert landed(settings)[0]["_loaded_at"] == datetime(2025, 3, 2, 1, 30)


def test_landing_again_changes_nothing(settings: Settings, drop: Drop) -> None:
    path = drop("events/a.jsonl.gz", packed(json_lines(event(1)), ".gz"))
    drop("tables/orders.csv", b"order_id\no1\n")
    assert land("shop", settings).events == 1
    before = landed(settings)
    again = land("shop", settings)
    assert (again.events, again.tables) == (0, [])
    assert again.already == ["events/a.jsonl.gz", "tables/orders.csv"]
    os.utime(path, ns=(1, 1))  # another time of change: the content tells it is the same
    path.rename(path.with_name("renamed.jsonl.gz"))
    assert land("shop", settings).already == ["events/renamed.jsonl.gz", "tables/orders.csv"]
    assert landed(settings) == before


def test_known_files_are_not_read_again(
    settings: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    land("shop", settings)

    def forbidden(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("trasos.landing.lander.sha256_of", forbidden)
    assert land("shop", settings).already == ["events/a.jsonl"]


def test_a_file_that_grew_is_a_new_batch(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    land("shop", settings)
    drop("events/a.jsonl", json_lines(event(1), event(2)))
    assert land("shop", settings).events == 2
    assert [row["message_id"] for row in landed(settings)] == ["m1", "m1", "m2"]


@pytest.mark.parametrize(
    ("name", "spoil", "reason"),
    [
        ("b.jsonl.gz", lambda whole: packed(whole, ".gz")[:-9], "cut short"),
        ("b.jsonl.zst", lambda whole: packed(whole, ".zst")[:-9], "cut short"),
        ("b.jsonl.gz", lambda whole: whole, "damaged"),
        ("b.parquet", lambda whole: b"PAR1" + whole, "not a whole Parquet file"),
    ],
)
def test_a_spoiled_file_is_refused_the_others_land_and_it_is_tried_again(
    settings: Settings, drop: Drop, name: str, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    whole = json_lines(*(event(n) for n in range(2000)))
    drop("events/a.jsonl", json_lines(event(9001)))
    spoiled = drop(f"events/{name}", spoil(whole))
    drop("events/c.jsonl", json_lines(event(9002)))
    report = land("shop", settings)
    assert [batch.name for batch in report.batches] == ["events/a.jsonl", "events/c.jsonl"]
    ((refused, why),) = report.refused
    assert refused == f"events/{name}"
    assert reason in why
    assert spoiled.exists()
    assert len(landed(settings)) == 2
    assert not (settings.landing / ".incoming").exists()
    assert land("shop", settings).refused == report.refused
    spoiled.unlink()
    drop("events/b.jsonl.gz", packed(whole, ".gz"))
    assert land("shop", settings).events == 2000


def test_one_spoiled_content_under_two_names_is_refused_twice(
    settings: Settings, drop: Drop
) -> None:
    for name in ("a", "b"):
        drop(f"events/{name}.jsonl.gz", packed(json_lines(event(1)), ".gz")[:-5])
    report = land("shop", settings)
    assert [name for name, _ in report.refused] == ["events/a.jsonl.gz", "events/b.jsonl.gz"]


def test_a_file_that_is_gone_when_its_turn_comes_is_refused(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    other = drop("events/b.jsonl", json_lines(event(2)))
    report = land("shop", settings, progress=lambda *told: other.unlink(missing_ok=True))
    assert report.events == 1
    assert report.refused == [("events/b.jsonl", "cannot be read: No such file or directory")]


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_call(
    settings: Settings, drop: Drop
) -> None:
    path = drop("events/a.jsonl", json_lines(event(1)))
    written = []

    def grow(name: str, done: int, total: int) -> None:
        if done and not written:
            written.append(path.write_bytes(json_lines(event(1), event(2))))

    report = land("shop", settings, progress=grow)
    assert "changed while it was read" in report.refused[0][1]
    assert batches(settings) == []
    assert land("shop", settings).events == 2


@pytest.mark.parametrize("clock", ["forward", "stands", "back"])
def test_loaded_at_grows_with_every_batch_whatever_the_clock_does(
    settings: Settings, drop: Drop, clock: str
) -> None:
    step = {"forward": 1, "stands": 0, "back": -1}[clock]
    seen: list[datetime] = []
    for day in range(4):
        for part in "ab":
            drop(f"events/{day}{part}.jsonl", json_lines(event(day, part=part)))
        land("shop", settings, loaded_at=datetime(2025, 1, 10) + step * timedelta(days=day))
        new = {row["_loaded_at"] for row in landed(settings)} - set(seen)
        assert len(new) == 2  # each batch has a moment of its own
        assert not seen or min(new) > max(seen)
        seen += sorted(new)
    if clock == "forward":
        assert seen[-2] == datetime(2025, 1, 13)


def test_the_sources_share_one_clock(settings: Settings) -> None:
    for source, day in (("shop", 10), ("app", 5), ("shop", 1)):
        file = settings.inbox / source / "events" / f"from-{20 - day}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(json_lines(event(day)))
        land(source, settings, loaded_at=datetime(2025, 1, day))
    first, third = (row["_loaded_at"] for row in landed(settings))
    (second,) = (row["_loaded_at"] for row in landed(settings, source="app"))
    assert first < second < third


def test_the_clock_is_the_present_in_utc(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    before = datetime.now(UTC).replace(tzinfo=None)
    land("shop", settings)
    assert before <= landed(settings)[0]["_loaded_at"] <= datetime.now(UTC).replace(tzinfo=None)


def test_parquet_events_land_as_they_are_with_provenance(settings: Settings) -> None:
    inbox = settings.inbox / "other" / "odd [name] it's"
    (inbox / "events" / "day=1").mkdir(parents=True)
    file = inbox / "events" / "day=1" / "a*.parquet"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        made = """
            select i as id, timestamptz '2025-01-01 10:00:00+01' as at, [i] as tags, null::text as c
        """
        connection.execute(
            f"copy ({made} from range(3) t(i)) to '{str(file).replace(chr(39), chr(39) * 2)}'"
        )
        hashes = connection.execute(
            f"select md5(to_json(r)) from ({made} from range(3) t(i)) r"
        ).fetchall()
    report = land("other", settings, inbox=inbox)
    assert report.refused == []
    rows = landed(settings, "other")
    assert [(row["id"], row["tags"], row["_line_number"]) for row in rows] == [
        (0, [0], 1),
        (1, [1], 2),
        (2, [2], 3),
    ]
    assert [(row["_content_hash"],) for row in rows] == hashes
    assert {row["_source_file"] for row in rows} == {"events/day=1/a*.parquet"}
    assert list(rows[0]) == [
        "id", "at", "tags", "c",
        "_source_file", "_line_number", "_batch_id", "_loaded_at", "_content_hash", "load_date",
    ]  # fmt: skip
    assert landed(settings, "other", "dead_letters") == []


def test_parquet_with_columns_of_landing_itself_is_refused(settings: Settings) -> None:
    inbox = settings.inbox / "shop" / "events"
    inbox.mkdir(parents=True)
    duckdb.execute(f"copy (select 1 as id, 'x' as _batch_id) to '{inbox}/a.parquet'")
    ((_, why),) = land("shop", settings).refused
    assert "_batch_id" in why


def test_a_file_that_came_under_a_wrong_name_is_landed_under_the_right_one(
    settings: Settings, drop: Drop
) -> None:
    """Packed bytes called plain are dead letters; their events must still be able to come in."""
    content = packed(json_lines(event(1), event(2)), ".gz")
    drop("events/a.jsonl", content)
    assert land("shop", settings).events == 0
    drop("events/a.jsonl.gz", content)
    assert land("shop", settings).events == 2
    drop("events/b.ndjson.gz", content)
    drop("events/b.ndjson", content)
    assert land("shop", settings).already == [
        *("events/a.jsonl", "events/a.jsonl.gz", "events/b.ndjson", "events/b.ndjson.gz"),
    ]


def test_the_same_content_lands_once_for_each_source(settings: Settings, drop: Drop) -> None:
    path = drop("events/a.jsonl", json_lines(event(1)))
    land("shop", settings)
    assert land("web", settings, inbox=path.parent.parent).events == 1


def test_two_files_of_one_content_land_once(settings: Settings, drop: Drop) -> None:
    for name in ("events/a.jsonl", "events/b.jsonl"):
        drop(name, json_lines(event(1)))
    report = land("shop", settings)
    assert (report.events, report.already) == (1, ["events/b.jsonl"])


def test_the_inbox_stays_as_it_was(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    drop("tables/orders.csv", b"order_id\no1\n")
    inbox = settings.inbox / "shop"

    def look() -> list[tuple[str, int, int]]:
        found = [(path, path.stat()) for path in sorted(inbox.rglob("*"))]
        return [(str(path), status.st_size, status.st_mtime_ns) for path, status in found]

    before = look()
    for path in (*inbox.rglob("*"), inbox):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert land("shop", settings).events == 1
        assert look() == before
    finally:
        for path in (inbox, inbox / "events", inbox / "tables"):
            path.chmod(0o755)


@pytest.mark.parametrize("source", ["", "../shop", "Shop", "9", "a b"])
def test_an_unfit_source_name_is_told(settings: Settings, source: str) -> None:
    with pytest.raises(ConfigurationError, match="no fit name"):
        land(source, settings)


def test_a_missing_inbox_is_told_with_the_place(settings: Settings) -> None:
    with pytest.raises(InputError, match=str(settings.inbox / "shop")):
        land("shop", settings)


def test_an_inbox_with_nothing_to_land_is_told_with_what_it_holds(
    settings: Settings, drop: Drop
) -> None:
    (settings.inbox / "shop").mkdir(parents=True)
    with pytest.raises(InputError, match="Nothing to land"):
        land("shop", settings)
    drop("readme.txt", b"hello")
    with pytest.raises(InputError, match=r"readme\.txt"):
        land("shop", settings)


def test_a_batch_without_manifest_is_told(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    land("shop", settings)
    (folder,) = batches(settings)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=folder.name):
        land("shop", settings)


def test_progress_grows_to_the_whole(settings: Settings, drop: Drop) -> None:
    for name in ("events/a.jsonl", "events/b.jsonl.gz", "tables/t.csv"):
        drop(name, packed(json_lines(event(1, of=name)), name))
    told: list[tuple[int, int]] = []
    land("shop", settings, progress=lambda name, done, total: told.append((done, total)))
    dones = [done for done, _ in told]
    assert dones == sorted(dones)
    assert (
        told[-1][0]
        == told[-1][1]
        == sum(path.stat().st_size for path in settings.inbox.rglob("*.*"))
    )


HOLDER = """
import sys
from pathlib import Path
from trasos.landing.ledger import only_lander
with only_lander(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_lander_at_a_time_and_a_killed_one_frees_the_lock(
    settings: Settings, drop: Drop
) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    command = [sys.executable, "-c", HOLDER, str(settings.landing)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(NotReadyError, match="Another process is landing"):
            land("shop", settings)
        holder.kill()
        holder.wait()
        assert land("shop", settings).events == 1


@pytest.fixture(scope="module")
def landing_victims() -> Iterator[Victims]:
    imports = """
import pandas  # pyarrow imports it anyway
from trasos.landing import events, lander, ledger, tables
from trasos.settings import Settings
"""
    with victims(imports, 'lander.land("shop", Settings(Path(arguments[0])))') as born:
        yield born


@pytest.mark.parametrize(
    ("place", "name", "when", "count"),
    [
        ("events.EventWriter", "add", "before", 700),  # within the lines of the second file
        ("events.EventWriter", "_flush", "after", 1),  # written, but not closed
        ("lander", "write_json", "before", 2),  # no manifest yet
        ("lander", "sync", "after", 3),  # whole, but not in its place
        ("ledger.Ledger", "record", "before", 2),  # just in its place
        ("lander", "land_event_parquet", "after", 1),
        ("tables", "write_table", "after", 1),
        ("tables", "write_json", "before", 1),  # the table is there, its note is not
        ("lander", "land_table", "after", 1),
    ],
)
def test_a_kill_at_any_moment_leaves_whole_batches_and_a_rerun_completes(
    settings: Settings,
    drop: Drop,
    landing_victims: Victims,
    place: str,
    name: str,
    when: str,
    count: int,
) -> None:
    drop("events/a.jsonl", json_lines(*(event(n) for n in range(500))) + b"dead\n")
    drop("events/b.jsonl.gz", packed(json_lines(*(event(n) for n in range(500, 1000))), ".gz"))
    duckdb.execute(f"copy (select 1 as id) to '{settings.inbox}/shop/events/c.parquet'")
    drop("tables/orders.csv", b"order_id\no1\n")
    undisturbed = Settings(home=settings.home.with_name("undisturbed"))
    land("shop", undisturbed, inbox=settings.inbox / "shop")

    assert landing_victims.kill(place, name, when, count, settings.home) == -9
    for folder in batches(settings):
        manifest = orjson.loads((folder / "manifest.json").read_bytes())
        events = duckdb.read_parquet(str(folder / "events.parquet"))
        letters = duckdb.read_parquet(str(folder / "dead_letters.parquet"))
        assert len(events.fetchall()) == manifest["events"]
        assert len(letters.fetchall()) == manifest["dead_letters"]
    for table in (settings.landing / "shop" / "tables").glob("*.parquet"):
        assert duckdb.read_parquet(str(table)).fetchall() == [("o1",)]

    land("shop", settings)
    assert contents(settings) == contents(undisturbed)
    assert not (settings.landing / ".incoming").exists()
    report = land("shop", settings)
    assert isinstance(report, LandingReport)
    assert len(report.already) == 4


def test_a_kill_between_a_table_and_its_note_does_not_hide_the_old_dump_coming_back(
    settings: Settings, drop: Drop, landing_victims: Victims
) -> None:
    drop("orders.csv", b"order_id\nold\n")
    land("shop", settings)
    drop("orders.csv", b"order_id\nnew, but killed\n")
    assert landing_victims.kill("tables", "write_json", "before", 1, settings.home) == -9
    drop("orders.csv", b"order_id\nold\n")
    land("shop", settings)
    table = duckdb.read_parquet(f"{settings.landing}/shop/tables/orders.parquet")
    assert table.fetchall() == [("old",)]
