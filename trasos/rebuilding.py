"""Recomputing a window of event time from raw, and saying what that changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table

from trasos.errors import ConfigurationError, NotReadyError, TrasosError
from trasos.landing.columns import identifier, literal
from trasos.landing.ledger import utc
from trasos.project import find_project, run_dbt
from trasos.settings import Settings

#: What is compared before and after, and the columns that tell a row from the others.
COMPARED = {
    "int_events_judged": ("source", "batch_id", "line_number"),
    "int_sessions": ("session_id",),
    "int_identities": ("visitor_id", "valid_from", "valid_to", "customer_id"),
    "int_impressions": ("impression_id",),
    "fct_traffic_daily": ("session_date", "source", "device_type"),
}
WHAT_FOLLOWS = "int_events_validated+"


class RebuildError(TrasosError):
    """dbt could not do it; the next build, or the same call again, makes it good."""


@dataclass(frozen=True)
class Change:
    """What became of the rows of one table.

    Attributes:
        table: its name.
        added: rows that were not there.
        removed: rows that are no more.
        changed: rows of which a value is another.
        unchanged: rows that are as they were.
    """

    table: str
    added: int
    removed: int
    changed: int
    unchanged: int


def rebuild(
    settings: Settings,
    begin: datetime,
    end: datetime,
    variables: dict[str, Any] | None = None,
    project: Path | None = None,
    select: Sequence[str] = (WHAT_FOLLOWS,),
) -> list[Change]:
    """Compute the rows of a window again from what is landed, and all that follows from them.

    The window is of the time of events (of their receipt, where that cannot be read). What was
    landed since the last build is not taken in: the watermark stays. A row whose raw file is no
    longer landed stays as it is. A rebuild that is cut short is made good by the next build.

    Args:
        settings: where things lie.
        begin: first moment of the window; without a zone, UTC.
        end: first moment after it.
        variables: dbt's vars, such as the sources.
        project: folder of the dbt project; found if not given.
        select: the models to compute, as dbt names them.

    Returns:
        What changed, by table.

    Raises:
        ConfigurationError: the window is empty, or there is no project.
        NotReadyError: nothing has been built yet, or another process holds the warehouse.
        RebuildError: dbt failed, with what it said.
    """
    begin, end = utc(begin), utc(end)
    if begin >= end:
        raise ConfigurationError(f"The window is empty: {begin} is not before {end}.")
    if not settings.warehouse.exists():
        raise NotReadyError(
            f"There is no warehouse {settings.warehouse} to rebuild in. Run `dbt build` first."
        )
    project = project or find_project()
    window = {"rebuild_from": str(begin), "rebuild_to": str(end)}
    logs = ["--log-path", str(settings.home / "logs")]
    target = settings.home / "target"
    given = variables or {}
    before = settings.home / "build" / "before_rebuild.duckdb"
    before.parent.mkdir(parents=True, exist_ok=True)
    before.unlink(missing_ok=True)
    try:
        _remember(settings.warehouse, before)
        # dbt parses anew where vars differ: the window has a folder of its own, builds keep theirs.
        for folder, variables, arguments in (
            (target / "rebuild", {**given, **window}, ["run", "--select", *select]),
            (target, given, ["run-operation", "finish_rebuild"]),
        ):
            told = ["--vars", json.dumps(variables), "--target-path", str(folder)]
            if said := run_dbt(project, [*arguments, *told, *logs]):
                raise RebuildError(
                    f"The rebuild was cut short; call it again, or build: either makes it good. "
                    f"dbt said: {said}"
                )
        return _compare(settings.warehouse, before)
    finally:
        before.unlink(missing_ok=True)


def changes_table(changes: list[Change]) -> Table:
    """Draw what changed."""
    table = Table(title="What the rebuild changed")
    table.add_column("table")
    for name in ("added", "removed", "changed", "unchanged"):
        table.add_column(name, justify="right")
    for change in changes:
        figures = (change.added, change.removed, change.changed, change.unchanged)
        table.add_row(change.table, *(f"{figure:,}" for figure in figures))
    return table


def _remember(warehouse: Path, before: Path) -> None:
    """Keep a key and a hash of each row, in a file of its own."""
    with _opened(warehouse, before) as connection:
        for table, key in COMPARED.items():
            connection.execute(
                f"create table kept.{table} as "
                f"select hash({', '.join(key)}) as key, hash(rows) as content from {table} as rows"
            )


def _compare(warehouse: Path, before: Path) -> list[Change]:
    changes = []
    with _opened(warehouse, before) as connection:
        for table, key in COMPARED.items():
            found = connection.execute(
                f"""
                select
                    count(*) filter (where old.key is null),
                    count(*) filter (where new.key is null),
                    count(*) filter (where old.content <> new.content),
                    count(*) filter (where old.content = new.content)
                from (
                    select hash({", ".join(key)}) as key, hash(rows) as content
                    from {table} as rows
                ) as new
                full join kept.{table} as old on new.key = old.key
                """
            ).fetchone()
            assert found is not None  # an aggregate always answers
            changes.append(Change(table, *found))
    return changes


def _opened(warehouse: Path, before: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {literal(str(warehouse))} (read_only)")
    except duckdb.IOException as error:
        connection.close()
        raise NotReadyError(
            f"{warehouse} cannot be opened: {error}. Wait until the build is over and call again."
        ) from error
    connection.execute(f"use {identifier(warehouse.stem)}")
    connection.execute(f"attach {literal(str(before))} as kept")
    return connection
