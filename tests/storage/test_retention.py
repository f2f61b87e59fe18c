from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from tests.landing.conftest import event, json_lines
from trasos.errors import ConfigurationError, InputError, NotReadyError
from trasos.landing import land
from trasos.landing.ledger import only_lander
from trasos.settings import Settings
from trasos.storage import RetentionDays, compact, retain, retention_days, rewrite_day
from trasos.storage.days import landed_days
from trasos.storage.retention import CONSEQUENCE

from .conftest import FIRST, everything, folders, judge, land_at, listing, nothing_new
from .test_compaction import BUILD

Drop = Callable[[str, bytes], Path]
LATER = date(2026, 3, 12)  # 11, 10 and 9 days after the three load days
DAYS = {("shop", date(2026, 3, 1 + day)): 21 for day in range(3)}


def going(settings: Settings, days: RetentionDays, **options: bool) -> list[tuple[str, date]]:
    report = retain(settings, days, today=LATER, **options)
    return [(item.layer, item.day) for item in report.going]


@pytest.mark.parametrize("merged", [False, True])
def test_days_past_their_time_lose_their_rows_and_keep_their_counts(
    landed: Settings, merged: bool
) -> None:
    if merged:
        compact(landed, apply=True)
    judge(landed, DAYS)
    before = everything(landed)
    report = retain(landed, RetentionDays(landing=10, dead_letters=9), True, today=LATER)
    gone = [(item.layer, item.day, item.rows) for item in report.items]
    assert gone == [
        ("landing", date(2026, 3, 1), 21),
        ("dead_letters", date(2026, 3, 1), 3),
        ("dead_letters", date(2026, 3, 2), 3),
    ]
    assert CONSEQUENCE in report.summary
    events, letters = everything(landed)
    assert events == of_days(before[0], 2, 3)
    assert letters == of_days(before[1], 3)
    days = list(landed_days(landed.landing))
    assert [(day.events, day.letters) for day in days] == [(0, 0), (21, 0), (21, 3)]
    sums = [
        [sum(int(one.manifest[name]) for one in day.folders) for name in ("events", "dead_letters")]
        for day in days
    ]
    assert sums == [[21, 3]] * 3
    assert len(days[0].folders) == 1
    assert retain(landed, RetentionDays(landing=10, dead_letters=9), today=LATER).items == []


def of_days(rows: list[Any], *days: int) -> list[Any]:
    """The shape, and the rows of these load days, as numbers in the month."""
    shape, *others = rows
    place = [name for name, _ in shape].index("load_date")
    return [shape, *(row for row in others if row[place].day in days)]


def test_nothing_lands_again_after_a_removal(landed: Settings, drop: Drop) -> None:
    judge(landed, DAYS)
    retain(landed, RetentionDays(landing=1, dead_letters=1), True, today=LATER)
    for file in sorted((landed.inbox / "shop/events").rglob("*.jsonl")):
        drop(f"events/again/{file.parent.name}-{file.name}", file.read_bytes())
    assert nothing_new(land_at(landed))
    assert [len(rows) for rows in everything(landed)] == [1, 1]
    drop("events/new.jsonl", json_lines(event(999)))
    (batch,) = land_at(landed, FIRST - timedelta(days=9)).batches
    assert batch.folder.parent.name == "load_date=2026-03-03"  # the clock does not go back
    assert compact(landed, apply=True).merges
    assert len(everything(landed)[0]) == 2


def test_a_dry_run_changes_no_byte(landed: Settings) -> None:
    judge(landed, DAYS)
    before = listing(landed.home)
    assert len(going(landed, RetentionDays(1, 1, 1))) == 6  # files are of today
    report = retain(landed, RetentionDays(1, 1, 1), today=date(2099, 1, 1))
    assert len(report.going) == 6 + 18
    assert "Nothing was changed" in report.summary
    assert listing(landed.home) == before


def test_days_that_the_warehouse_lacks_stay(landed: Settings) -> None:
    days = RetentionDays(landing=1)
    assert going(landed, days) == []
    assert "nothing is built yet" in retain(landed, days, today=LATER).summary
    judge(landed, {**DAYS, ("shop", date(2026, 3, 2)): 20})
    before = everything(landed)
    report = retain(landed, days, apply=True, today=LATER)
    assert [item.day.day for item in report.going] == [1, 3]
    assert "1 day of shop, the oldest of 2026-03-02" in report.summary
    assert "the warehouse lacks rows" in report.summary
    assert everything(landed)[0] == of_days(before[0], 2)


def test_force_removes_what_nothing_has_taken_in(landed: Settings) -> None:
    assert len(going(landed, RetentionDays(landing=1), force=True)) == 3
    retain(landed, RetentionDays(landing=1), apply=True, force=True, today=LATER)
    assert len(everything(landed)[0]) == 1


def test_dead_letters_go_alone_and_the_event_files_stay_the_very_files(landed: Settings) -> None:
    def files() -> list[int]:
        return [(folder / "events.parquet").stat().st_ino for folder in folders(landed)]

    before, rows = files(), everything(landed)[0]
    retain(landed, RetentionDays(dead_letters=1), apply=True, today=LATER)
    assert files() == before
    assert everything(landed)[0] == rows
    assert len(everything(landed)[1]) == 1


def test_the_inbox_loses_old_files_whose_content_is_landed(landed: Settings, drop: Drop) -> None:
    renamed = drop("events/other name.jsonl", (landed.inbox / "shop/events/0/3.jsonl").read_bytes())
    unknown = drop("events/unknown.jsonl", json_lines(event(999)))
    same_size = landed.inbox / "shop/events/1/3.jsonl"
    status = same_size.stat()
    same_size.write_bytes(same_size.read_bytes().replace(b"a1", b"a2"))
    old = status.st_mtime_ns - 20 * 86_400 * 10**9
    files = sorted((landed.inbox / "shop").rglob("*.*"))
    for file in files:
        os.utime(file, ns=(old, old))
    young = landed.inbox / "shop/events/2/0.jsonl"
    os.utime(young)
    today = date.fromtimestamp(status.st_mtime)
    report = retain(landed, RetentionDays(inbox=10), apply=True, today=today)
    assert not renamed.exists()
    table = landed.inbox / "shop/tables/orders.csv"
    left = {path for path in (landed.inbox / "shop").rglob("*.*")}
    assert left == {unknown, same_size, young, table}
    assert len(report.going) == len(files) - 4
    assert "Stays in inbox: 2 files of shop" in report.summary
    assert land_at(landed).events == 1 + 4


def test_an_inbox_that_was_never_landed_stays(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(event(1)))
    assert retain(settings, RetentionDays(1, 1, 1), True, today=date(2099, 1, 1)).items == []
    assert not settings.landing.exists()


def test_a_running_build_is_not_disturbed(landed: Settings) -> None:
    judge(landed, DAYS)
    command = [sys.executable, "-c", BUILD, str(landed.warehouse)]
    before = listing(landed.landing / "shop")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == b"held\n"
        for days in (RetentionDays(landing=1), RetentionDays(dead_letters=1)):
            with pytest.raises(NotReadyError, match="when the build has ended"):
                retain(landed, days, apply=True, today=LATER)
        assert listing(landed.landing / "shop") == before
        build.kill()


def test_a_day_can_be_rewritten_through_a_query(landed: Settings) -> None:
    """For erasure: one visitor's rows go, the rest stays as it is, and the counts tell."""
    compact(landed, apply=True)
    (first, *_) = landed_days(landed.landing)
    with only_lander(landed.landing) as workshop:
        rewrite_day(
            first,
            workshop,
            landed.warehouse,
            events=lambda rows: f"select * from {rows} where message_id not in ('m0', 'm10')",
        )
    (first, *_) = landed_days(landed.landing)
    assert (first.events, first.folders[0].manifest["retired_events"]) == (19, 2)
    found = duckdb.execute(f"select message_id from '{first.path}/*/events.parquet'").fetchall()
    assert len(found) == 19 and not {("m0",), ("m10",)} & set(found)
    assert nothing_new(land_at(landed))


def test_a_query_that_changes_columns_is_refused(landed: Settings) -> None:
    before = listing(landed.landing / "shop")
    (first, *_) = landed_days(landed.landing)
    with only_lander(landed.landing) as workshop, pytest.raises(InputError, match="differs"):
        rewrite_day(
            first,
            workshop,
            landed.warehouse,
            events=lambda rows: f"select * exclude (user_id) from {rows}",
        )
    assert listing(landed.landing / "shop") == before


def test_the_days_stand_in_vars_yml() -> None:
    found = retention_days(Path(__file__).parents[2] / "vars.yml")
    assert found.landing is None, "a full rebuild needs landing"
    assert found.inbox and found.dead_letters


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("vars: {retention_days: {inbox: 0}}", "retention_days.inbox is 0"),
        ("vars: {retention_days: {landing: '30'}}", "retention_days.landing is '30'"),
        ("vars: {retention_days: {landing: true}}", "retention_days.landing is True"),
        ("vars: {retention_days: {warehouse: 3}}", "cannot be read"),
        ("vars: {retention_days: 30}", "cannot be read"),
        ("vars: {}", "cannot be read"),
        ("vars: [", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_unfit_days_are_told(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "vars.yml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=said):
        retention_days(file)


def test_two_sources_are_judged_each_for_itself(landed: Settings) -> None:
    land("web", landed, landed.inbox / "shop", FIRST + timedelta(days=3))
    judge(landed, DAYS)
    report = retain(landed, RetentionDays(landing=1), today=LATER)
    assert {item.source for item in report.going} == {"shop"}
    assert [item.source for item in report.items if item.kept] == ["web"]
    notes = landed.landing.glob("web/events/*/*/manifest.json")
    assert sum(orjson.loads(note.read_bytes())["events"] for note in notes) == 63
