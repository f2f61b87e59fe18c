"""Processes killed at each step of a compaction or a removal, and readers who look on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.landing.conftest import event, json_lines
from tests.victims import Victims, victims
from trasos.errors import NotReadyError
from trasos.landing import switch
from trasos.settings import Settings
from trasos.storage import RetentionDays, compact, retain

from .conftest import FIRST, everything, folders, judge, land_at, nothing_new

IMPORTS = """
from datetime import date
from pathlib import Path
from trasos import storage
from trasos.landing import ledger, switch
from trasos.settings import Settings
from trasos.storage import compaction, retention, rewriting

def work(home, what, exchange):
    if exchange == "without":
        switch._exchange = lambda one, other: False
    if what == "compact":
        compaction.compact(Settings(Path(home)), apply=True)
    else:
        days = retention.RetentionDays(inbox=1, landing=1, dead_letters=1)
        retention.retain(Settings(Path(home)), days, apply=True, today=date(2026, 6, 1))
"""

#: Where to kill: the owner of a function, its name, before or after its so manieth call.
STEPS = [
    ("rewriting._Folder", "write", "before", 1),
    ("rewriting._Folder", "_print", "after", 2),  # the second day's first file is not copied yet
    ("rewriting", "write_json", "before", 2),
    ("rewriting", "sync", "after", 9),
    ("rewriting", "replace_day", "before", 1),
    ("rewriting", "replace_day", "after", 1),
    ("rewriting", "replace_day", "after", 2),
    ("switch", "sync", "before", 1),
    ("rewriting.shutil", "rmtree", "before", 4),
    ("rewriting.shutil", "rmtree", "after", 3),
]
#: Before and after each rename of the first day, where the system cannot exchange folders.
RENAMES = [("Path", "rename", when, count) for when in ("before", "after") for count in range(1, 4)]


@pytest.fixture(scope="module")
def storage_victims() -> Iterator[Victims]:
    with victims(IMPORTS, "work(*arguments)") as born:
        yield born


@pytest.mark.parametrize("step", [*STEPS, *RENAMES], ids=lambda step: "-".join(map(str, step)))
def test_a_killed_compaction_loses_and_doubles_nothing(
    landed: Settings, storage_victims: Victims, step: tuple[str, str, str, int]
) -> None:
    before = everything(landed)
    exchange = "without" if step in RENAMES else "with"
    assert storage_victims.kill(*step, landed.home, "compact", exchange) == -9
    if exchange == "with":
        assert everything(landed) == before  # no reader ever sees the half of it
    report = land_at(landed)
    assert nothing_new(report) and len(report.already) == 19
    assert everything(landed) == before
    compact(landed, apply=True)
    assert everything(landed) == before
    assert len(folders(landed)) == 3
    assert {path.name for path in landed.landing.iterdir()} == {".lock", "shop"}


@pytest.mark.parametrize("step", [*STEPS, *RENAMES], ids=lambda step: "-".join(map(str, step)))
def test_a_killed_removal_takes_whole_days_and_is_finished_by_the_next(
    landed: Settings, storage_victims: Victims, step: tuple[str, str, str, int]
) -> None:
    events, letters = everything(landed)
    counts = {date(2026, 3, 1 + day): 21 for day in range(3)}
    judge(landed, {("shop", day): count for day, count in counts.items()})
    exchange = "without" if step in RENAMES else "with"
    assert storage_victims.kill(*step, landed.home, "retain", exchange) == -9
    report = land_at(landed)  # recovers
    assert nothing_new(report)
    left = everything(landed)
    assert set(map(str, left[0])) <= set(map(str, events))
    assert (len(left[0]) - 1) % 21 == 0 and (len(left[1]) - 1) % 3 == 0
    days = RetentionDays(inbox=1, landing=1, dead_letters=1)
    retain(landed, days, apply=True, today=date(2026, 6, 1))
    assert everything(landed) == ([events[0]], [letters[0]])
    assert nothing_new(land_at(landed))
    assert {path.name for path in landed.landing.iterdir()} == {".lock", "shop"}


def test_where_folders_cannot_be_exchanged_the_rows_are_the_same(
    landed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(landed)
    monkeypatch.setattr(switch, "_exchange", lambda one, other: False)
    assert len(compact(landed, apply=True).merges) == 3
    assert everything(landed) == before


def test_the_system_of_these_tests_exchanges_folders(tmp_path: Path) -> None:
    """Without this the kills above would show the two renames alone."""
    for name in ("one", "other"):
        (tmp_path / name / name).mkdir(parents=True)
    assert switch._exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists() and (tmp_path / "other" / "one").exists()


BUILDS = """
import sys, time, duckdb
warehouse, pattern, stop = sys.argv[1:]
query = f"select count(*), count(distinct (_batch_id, _line_number)) from '{pattern}'"
from pathlib import Path
while not Path(stop).exists():
    try:
        with duckdb.connect(warehouse) as build:
            for _ in range(3):
                print(*build.execute(query).fetchone(), flush=True)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
    time.sleep(0.1)
"""


def test_builds_that_come_and_go_meanwhile_see_every_row_once(
    landed: Settings, drop: Callable[[str, bytes], Path], tmp_path: Path
) -> None:
    """They hold the warehouse while they read, as dbt does; compaction waits for its turn."""
    judge(landed, {})
    pattern = landed.landing / "shop/events/*/*/events.parquet"
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", BUILDS, str(landed.warehouse), str(pattern), str(stop)]
    switches = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as builds:
        assert builds.stdout is not None
        builds.stdout.readline()
        for number in range(8):
            drop(f"events/more/{number}.jsonl", json_lines(event(1000 + number)))
            land_at(landed, FIRST + timedelta(days=2, seconds=number))
            for _ in range(50):
                try:
                    switches += len(compact(landed, apply=True).merges)
                except NotReadyError:
                    time.sleep(0.01)
                else:
                    break
        stop.touch()
        seen = [tuple(map(int, line.split())) for line in builds.stdout]
    assert builds.returncode == 0
    # One that gave up for builds is made good by the next.
    assert 5 <= switches <= 3 + 7 and len(seen) > 8
    totals = [total for total, _ in seen]
    assert totals == sorted(totals)
    assert set(totals) <= set(range(63, 72))
    assert all(total == distinct for total, distinct in seen)
