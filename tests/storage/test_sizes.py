from __future__ import annotations

import os
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from trasos.publishing.versions import point
from trasos.settings import Settings
from trasos.storage import RetentionDays, StorageReport, compact, retain, storage_report
from trasos.storage.sizes import LAYERS, age_name, human

from .conftest import judge
from .test_retention import DAYS, LATER


def text(report: StorageReport) -> str:
    console = Console(width=80)
    with console.capture() as shown:
        console.print(report.table())
    return shown.get()


def test_an_empty_home_has_nothing_in_every_layer(settings: Settings) -> None:
    report = storage_report(settings)
    assert report.amounts == {}
    assert (report.total.files, report.total.size) == (0, 0)
    assert all(layer in text(report) for layer in LAYERS)
    assert not settings.home.exists()


def test_every_byte_of_a_home_is_in_one_layer(landed: Settings) -> None:
    judge(landed, DAYS)
    (landed.home / "artefacts/v1").mkdir(parents=True)
    (landed.home / "artefacts/v1/model.npy").write_bytes(b"12345")
    version = landed.published.parent / "trasos_20260301T101010123456Z_0123abcd.duckdb"
    version.parent.mkdir()
    version.write_bytes(b"1234")
    point(landed.published, version)
    report = storage_report(landed)
    files = [path for path in landed.home.rglob("*") if path.is_file() and not path.is_symlink()]
    files.remove(landed.landing / ".lock")
    assert report.total.files == len(files)
    assert report.total.size == sum(path.stat().st_size for path in files)
    assert report.layer("published versions").size == 4
    assert report.layer("artefacts").size == 5
    assert report.layer("inbox").files == 19


def test_landing_is_as_old_as_its_load_day_and_its_rows_are_known(landed: Settings) -> None:
    report = storage_report(landed, today=date(2026, 3, 9))
    amounts = {age: amount for (layer, age), amount in report.amounts.items() if layer == LAYERS[1]}
    assert {age: (one.files, one.rows) for age, one in amounts.items()} == {
        "up to 7 days": (12, 42),
        "up to 30 days": (6, 21),
    }
    assert report.layer("dead letters").rows == 9
    assert report.layer("landing tables").rows == 1
    shown = text(report)
    assert "up to 30 days" in shown and "63" in shown


def test_it_shows_what_merging_and_removing_gain(landed: Settings) -> None:
    before = storage_report(landed).layer("landing events")
    compact(landed, apply=True)
    merged = storage_report(landed).layer("landing events")
    assert (before.files, merged.files, merged.rows) == (18, 3, 63)
    assert merged.size < before.size
    judge(landed, DAYS)
    retain(landed, RetentionDays(landing=10), apply=True, today=LATER)
    assert storage_report(landed).layer("landing events").rows == 42


def test_files_of_the_inbox_are_as_old_as_their_last_change(landed: Settings) -> None:
    file = landed.inbox / "shop/events/0/0.jsonl"
    moment = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
    os.utime(file, (moment, moment))
    report = storage_report(landed)
    assert report.amounts["inbox", "older"].files == 1
    assert report.amounts["inbox", "today"].files == 18


@pytest.mark.parametrize(
    ("days", "name"),
    [(-1, "today"), (0, "today"), (1, "up to 7 days"), (7, "up to 7 days"), (8, "up to 30 days"),
     (90, "up to 90 days"), (365, "up to 365 days"), (366, "older")],
)  # fmt: skip
def test_ages(days: int, name: str) -> None:
    assert age_name(days) == name


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (999, "999 B"), (1_234, "1.2 kB"), (5_600_000_000, "5.6 GB")]
)
def test_bytes_for_people(size: int, shown: str) -> None:
    assert human(size) == shown
