"""Homes of a shop with so many days of bulk events, linked out of a pool that is made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """One home folder, with its own landing folder and warehouse."""

    path: Path

    @property
    def events(self) -> Path:
        """Folder of the landed events, one subfolder a load day."""
        return self.path / "landing/shop/events"

    @property
    def warehouse(self) -> Path:
        """The warehouse that dbt builds."""
        return self.path / "warehouse/trasos.duckdb"

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit in memory: beside the warehouse."""
        return self.warehouse.with_name("trasos.duckdb.tmp")

    @property
    def landed(self) -> str:
        """All landed events, as a pattern for Parquet readers."""
        return str(self.events / "*/*/events.parquet")

    def days(self) -> list[str]:
        """The folders of landed days, oldest first."""
        return sorted(folder.name for folder in self.events.iterdir())


def pool(folder: Path, events: int, days: int) -> Home:
    """Make ``events`` bulk events of ``days`` days in ``folder``, or take what is there.

    The simulation runs in a process of its own: its memory is none of what is measured.

    Raises:
        ValueError: the folder holds another number of days.
    """
    home = Home(folder)
    if not home.events.exists():
        command = [sys.executable, "-c", "from trasos.cli import app; app()", "simulate"]
        subprocess.run(
            [*command, "--bulk", str(events), "--days", str(days)],
            cwd=ROOT,
            env={**os.environ, "TRASOS_HOME": str(folder)},
            check=True,
        )
    if len(home.days()) != days:
        raise ValueError(
            f"{home.events} holds {len(home.days())} days, wanted {days}: "
            f"remove {folder} and start again."
        )
    return home


def fresh(folder: Path, source: Home, days: Iterable[str]) -> Home:
    """An empty home with some days of a pool, its tables, and no warehouse yet."""
    shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder)
    home.warehouse.parent.mkdir(parents=True)
    home.events.mkdir(parents=True)
    add_days(home, source, days)
    tables = source.events.parent / "tables"
    shutil.copytree(tables, home.events.parent / "tables", copy_function=os.link)
    return home


def add_days(home: Home, source: Home, days: Iterable[str]) -> None:
    """Land more days of a pool; the files are linked, not copied."""
    for day in days:
        shutil.copytree(source.events / day, home.events / day, copy_function=os.link)


def drop_days(home: Home, days: Iterable[str]) -> None:
    """Take landed days away again."""
    for day in days:
        shutil.rmtree(home.events / day)
