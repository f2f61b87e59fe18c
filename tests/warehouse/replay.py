"""Loads replayed one after the other, against one build of all of them: must give the same tables.

dbt runs in this process with one parsed manifest, since a replay is many small builds.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from tests.warehouse.home import Home
from tests.warehouse.part import link_part
from trasos.landing import land

#: Everything that follows the raw rows incrementally, and what is built on it at once.
LAYERS = (
    "int_events_validated",
    "int_event_copies",
    "int_visitor_slots",
    "int_session_slots",
    "int_sessions",
    "int_slot_customers",
    "int_identities",
    "int_impressions",
    "fct_traffic_daily",
)
#: Compared as well: what readers see of the events.
VIEWS = ("int_events_judged", "int_events_sessionized")
SELECTED = (
    *LAYERS,
    *VIEWS,
    "int_sessions_retired",
    "int_sessions_superseded",
    "int_watermarks",
    "int_rebuilt_rows",
    "int_events_accepted",
    "int_events_unioned",
    "stg_shop__events",
)

Event = Mapping[str, Any]


class Replay:
    """A shop's home whose loads are built one by one.

    Args:
        home: an empty folder.
        project: a dbt project, such as a copy with a fault; if not given, the house's layers.
    """

    def __init__(self, home: Path, project: Path | None = None) -> None:
        self.home = Home(home)
        self.project = project or link_part(home / "project", SELECTED)
        self._manifest: Manifest | None = None
        self._at = datetime(2026, 7, 1)

    def reset(self) -> None:
        """Forget every load, keep what was parsed."""
        for folder in ("inbox", "landing", "warehouse"):
            shutil.rmtree(self.home.path / folder, ignore_errors=True)
        self._at = datetime(2026, 7, 1)

    def load(self, lines: Sequence[Event | str]) -> None:
        """Land one file of lines; every file has another name and a moment of its own."""
        self._at += timedelta(hours=1)
        file = self.home.settings.inbox / f"shop/events/{self._at:%Y%m%d%H}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        # A line that is no event: the same events may come in again as a file of its own.
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        file.write_text("\n".join([*texts, f"load of {self._at}"]) + "\n")
        land("shop", self.home.settings, loaded_at=self._at)

    def build(self, *options: str) -> None:
        """Bring the warehouse up to date; the first time, build it."""
        self.home.warehouse.parent.mkdir(parents=True, exist_ok=True)
        with self._environment(self.home.warehouse):
            self._dbt(*options)

    def differences(self) -> dict[str, list[tuple[Any, ...]]]:
        """Rows that only one side has, this warehouse or one built at once, by table.

        Returns:
            Table to up to ten rows, each led by the side that has it; empty where all are equal.
        """
        other = self.home.path / "at_once/trasos.duckdb"
        other.parent.mkdir(exist_ok=True)
        other.unlink(missing_ok=True)
        with self._environment(other):
            self._dbt()
        return differing(self.home.warehouse, other)

    @contextmanager
    def _environment(self, warehouse: Path) -> Iterator[None]:
        settings = self.home.environment | {"TRASOS_WAREHOUSE": str(warehouse)}
        with mock.patch.dict(os.environ, settings):
            yield

    def _dbt(self, *options: str) -> None:
        paths = [
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
            *("--target-path", str(self.home.path / "target")),
            *("--log-path", str(self.home.path / "logs"), "--quiet"),
            *("--log-level-file", "none", "--no-write-json"),
        ]
        if self._manifest is None:
            parsed = dbtRunner().invoke(["parse", *paths])
            assert parsed.success, parsed.exception
            assert isinstance(parsed.result, Manifest)
            self._manifest = parsed.result
        fresh = not Path(os.environ["TRASOS_WAREHOUSE"]).exists()
        try:
            if fresh:
                self._invoke("seed", *paths)
            self._invoke("run", "--select", *SELECTED, *options, *paths)
        finally:
            # Within one process the adapter would hold the file.
            DuckDBConnectionManager.close_all_connections()

    def _invoke(self, *arguments: str) -> None:
        done = dbtRunner(manifest=self._manifest).invoke(list(arguments))
        if not done.success:
            failed = [
                f"{result.node.name}: {result.message}"
                for result in getattr(done.result, "results", [])
                if result.status not in ("success", "pass")
            ]
            raise AssertionError(f"dbt {arguments[0]} failed: {failed or done.exception}")


def differing(
    one: Path, other: Path, tables: Sequence[str] = (*LAYERS, *VIEWS)
) -> dict[str, list[tuple[Any, ...]]]:
    """Rows that only one of two warehouses has, counted with their repetitions."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        for table in tables:
            rows = []
            for side, without in (("one", "other"), ("other", "one")):
                connection.execute(f"use {side}")
                connection.execute(f"create or replace temp table mine as from {side}.{table}")
                connection.execute(f"use {without}")
                connection.execute(f"create or replace temp table theirs as from {without}.{table}")
                rows += connection.execute(
                    "select ?, * from (from mine except all from theirs) limit 10", [side]
                ).fetchall()
            if rows:
                found[table] = rows
    return found
