"""Landed days to merge and to empty, and eyes for every byte of a home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.landing.conftest import drop, event, json_lines, key, settings
from trasos.landing import LandingReport, land
from trasos.settings import Settings

__all__ = ["drop", "key", "settings"]

FIRST = datetime(2026, 3, 1, 10)


def rows(settings: Settings, what: str = "events", source: str = "shop") -> list[Any]:
    """Every landed row with every column, by name, as dbt's source reads them."""
    pattern = settings.landing / source / "events" / "*" / "*" / f"{what}.parquet"
    relation = (
        f"read_parquet('{pattern}', hive_partitioning = true, union_by_name = true, "
        "hive_types = {load_date: date})"
    )
    shape = duckdb.execute(f"describe from {relation}").fetchall()
    names = sorted(column[0] for column in shape)
    chosen = ", ".join(f'"{name}"' for name in names)
    found = duckdb.execute(
        f"select {chosen} from {relation} order by _loaded_at, _batch_id, "
        f"{'_line_number' if what == 'events' else 'line_number'}"
    ).fetchall()
    return [sorted(column[:2] for column in shape), *found]


def everything(settings: Settings, source: str = "shop") -> tuple[list[Any], list[Any]]:
    return rows(settings, "events", source), rows(settings, "dead_letters", source)


def listing(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below, with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def folders(settings: Settings, source: str = "shop") -> list[Path]:
    return sorted((settings.landing / source / "events").glob("load_date=*/*"))


def nothing_new(report: LandingReport) -> bool:
    return not report.batches and not report.refused


def land_at(settings: Settings, moment: datetime = FIRST, source: str = "shop") -> LandingReport:
    return land(source, settings, loaded_at=moment)


def judge(settings: Settings, counts: dict[tuple[str, date], int]) -> None:
    """Build a warehouse that has taken in so many rows, by source and load day."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "create or replace table int_events_judged (source text, loaded_at timestamp)"
        )
        for (source, day), count in counts.items():
            connection.execute(
                "insert into int_events_judged select ?, ?::timestamp from range(?)",
                [source, datetime(day.year, day.month, day.day, 12), count],
            )


@pytest.fixture
def landed(settings: Settings, drop: Callable[[str, bytes], Path]) -> Settings:
    """Three load days of six files, with dead letters; nothing of it is merged."""
    for day in range(3):
        for part in range(6):
            number = 100 * day + 10 * part
            lines = json_lines(*(event(number + n) for n in range(part + 1)))
            drop(f"events/{day}/{part}.jsonl", lines + b"broken\n" * (part % 2))
        land_at(settings, FIRST.replace(day=1 + day))
    drop("tables/orders.csv", b"order_id\no1\n")
    land_at(settings, FIRST.replace(day=3))
    return settings
