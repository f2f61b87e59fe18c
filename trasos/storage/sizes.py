"""How much lies where, by layer and age."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
from rich import box
from rich.table import Table

from trasos.landing.ledger import utc_now
from trasos.publishing.versions import versions
from trasos.settings import Settings
from trasos.storage.days import EVENTS, LETTERS, landed_days

#: Ages in days, each bound included, with their names; None is without bound.
AGES: tuple[tuple[int | None, str], ...] = (
    (0, "today"),
    (7, "up to 7 days"),
    (30, "up to 30 days"),
    (90, "up to 90 days"),
    (365, "up to 365 days"),
    (None, "older"),
)
#: The layers, from what came in to what goes out.
LAYERS = (
    "inbox",
    "landing events",
    "dead letters",
    "landing manifests",
    "landing tables",
    "warehouse",
    "published versions",
    "artefacts",
)


@dataclass
class Amount:
    """Some files: how many, their bytes, and their rows as far as they are known without reading.

    Attributes:
        files: number of files.
        size: bytes.
        rows: rows; None where they are not known.
    """

    files: int = 0
    size: int = 0
    rows: int | None = None

    def add(self, other: Amount) -> None:
        """Add another amount to this one."""
        self.files += other.files
        self.size += other.size
        if other.rows is not None:
            self.rows = (self.rows or 0) + other.rows


@dataclass(frozen=True)
class StorageReport:
    """What lies where.

    Attributes:
        amounts: by layer and name of age, in their order; those without a file are left out.
    """

    amounts: dict[tuple[str, str], Amount] = field(default_factory=dict)

    @property
    def total(self) -> Amount:
        """All of it; its rows are not told, since the layers hold the same rows."""
        total = Amount()
        for amount in self.amounts.values():
            total.add(amount)
        total.rows = None
        return total

    def layer(self, name: str) -> Amount:
        """All of one layer."""
        total = Amount()
        for (layer, _), amount in self.amounts.items():
            if layer == name:
                total.add(amount)
        return total

    def table(self) -> Table:
        """Lay the report out for a terminal."""
        table = Table(
            title="Storage", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
        )
        table.add_column("layer")
        table.add_column("age")
        for head in ("files", "rows", "bytes"):
            table.add_column(head, justify="right")
        for layer in LAYERS:
            table.add_row(layer, "", *_cells(self.layer(layer)))
            for _, age in AGES:
                if amount := self.amounts.get((layer, age)):
                    table.add_row("", age, *_cells(amount), style="dim")
        table.add_section()
        table.add_row("total", "", *_cells(self.total), style="bold")
        return table


def storage_report(settings: Settings, today: date | None = None) -> StorageReport:
    """Count bytes, files and rows by layer and age; what is not there counts as nothing.

    Landed events, dead letters and manifests are as old as their load day, all else as its last
    change. Rows are those that manifests and notes tell; no data file is opened.

    Args:
        settings: where things lie.
        today: the day to count ages from, UTC; the machine's if not given.

    Raises:
        InputError: a landed batch has no readable manifest.
    """
    now = today or utc_now().date()
    found: dict[tuple[str, str], Amount] = {}
    for layer, day, amount in _amounts(settings):
        found.setdefault((layer, age_name((now - day).days)), Amount()).add(amount)
    ordered = [(layer, age) for layer in LAYERS for _, age in AGES]
    return StorageReport({key: found[key] for key in ordered if key in found})


def age_name(days: int) -> str:
    """Name the age of something that is so many days old; what is of tomorrow is of today."""
    return next(name for bound, name in AGES if bound is None or days <= bound)


def human(size: int) -> str:
    """Write a number of bytes for people: ``12.3 MB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size} B"


def _amounts(settings: Settings) -> Iterator[tuple[str, date, Amount]]:
    """Yield everything that lies somewhere: layer, day and amount."""
    for day in landed_days(settings.landing):
        for folder in day.folders:
            for name, layer, rows in (
                (EVENTS, "landing events", folder.events),
                (LETTERS, "dead letters", folder.letters),
            ):
                if (folder.path / name).exists():
                    yield layer, day.day, Amount(1, folder.size(name), rows)
            for path, status in _files(folder.path):
                if path.name not in (EVENTS, LETTERS):
                    yield "landing manifests", day.day, Amount(1, status.st_size)
    for tables in settings.landing.glob("[!.]*/tables"):
        for path, status in _files(tables):
            note = path.with_suffix(".json")
            told = None
            if path.suffix == ".parquet" and note.exists():
                told = orjson.loads(note.read_bytes())["rows"]
            yield "landing tables", _day(status), Amount(1, status.st_size, told)
    others = {
        "inbox": _files(settings.inbox),
        "warehouse": (
            (path, status)
            for path, status in _files(settings.warehouse.parent)
            if path.name.startswith(settings.warehouse.name)
        ),
        "published versions": (
            (path, path.stat()) for path in versions(settings.published) if path.exists()
        ),
        "artefacts": _files(settings.artefacts),
    }
    for layer, files in others.items():
        for _, status in files:
            yield layer, _day(status), Amount(1, status.st_size)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files below a folder, not what links point to; none where there is no folder."""
    for path in folder.rglob("*"):
        if not path.is_symlink() and path.is_file():
            yield path, path.stat()


def _day(status: os.stat_result) -> date:
    return datetime.fromtimestamp(status.st_mtime, UTC).date()


def _cells(amount: Amount) -> tuple[str, str, str]:
    rows = "" if amount.rows is None else f"{amount.rows:,}"
    return f"{amount.files:,}", rows, human(amount.size)
