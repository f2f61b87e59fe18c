"""A fresh warehouse without the person, built beside the old one and put in its place.

Fresh, because DuckDB leaves deleted rows in its file until something overwrites them. The raw rows
that the warehouse keeps are carried over, without the person's: landing may no longer hold all of
them. All that follows from them is built anew, so nothing derived of the person can be left.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from trasos.erasure.landed import ERASED_EVENT, ERASED_SESSION, erased_lines, know_erased
from trasos.errors import NotReadyError
from trasos.files import sync
from trasos.landing.tombstones import Tombstones
from trasos.project import run_dbt
from trasos.publishing.copying import open_warehouse
from trasos.settings import Settings

#: What a build cannot make again, and which of its rows ``asked`` stay. int_watermarks is left
#: behind: the fresh warehouse follows the raw rows from the beginning.
CARRIED = {
    "int_events_validated": f"""
        not {ERASED_EVENT}
        and (source, batch_id, line_number)
        not in (select (source, batch_id, line_number) from erased_lines)
    """,
    "int_sessions_retired": f"not {ERASED_SESSION}",
    "rpt_figures_reported": "true",
    "rec_candidate_recall": "true",
    "rec_evaluations": "true",
    "rec_gate_decisions": "true",
    "rec_model_versions": "true",
    "rec_session_evaluations": "true",
    "rec_session_models": "true",
}


@contextmanager
def reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Open the warehouse for reading, as ``warehouse``; None where there is none with events.

    Raises:
        NotReadyError: a build is running, or the file is damaged.
    """
    if not settings.warehouse.exists():
        yield None
        return
    with open_warehouse(settings.warehouse, work(settings) / "spill") as connection:
        needed = {"int_events_validated", "int_identities"}
        yield connection if needed <= tables_of(connection) else None


def tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of the tables of the attached warehouse."""
    rows = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'main'"
    ).fetchall()
    return {name for (name,) in rows}


def work(settings: Settings) -> Path:
    """Where erasure keeps what it makes on the way."""
    return settings.home / "build" / "erasure"


def is_behind(settings: Settings) -> bool:
    """Whether something was landed that the warehouse has not taken in."""
    pattern = str(settings.landing / "*" / "events" / "*" / "*" / "events.parquet")
    with reading(settings) as warehouse:
        if warehouse is None:
            return True
        sources = _sources(warehouse)[0]
        files = [path for path in map(Path, _glob(pattern)) if path.parents[3].name in sources]
        if not files:
            return False
        query = f"select max(_loaded_at) from read_parquet({[str(path) for path in files]})"
        landed = warehouse.execute(query).fetchone()
        known = warehouse.execute(
            "select max(loaded_at) from warehouse.main.int_events_validated"
        ).fetchone()
    assert landed is not None and known is not None  # an aggregate always answers
    return landed[0] is not None and (known[0] is None or landed[0] > known[0])


def catch_up(settings: Settings, project: Path, source: str) -> None:
    """Let dbt take in what was landed, as far as it takes to tell whose it is.

    Raises:
        NotReadyError: dbt failed.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    sources = _sources_of(settings) or ([source], [source])
    what = ("build", "--resource-type", "model", "--resource-type", "seed")
    _dbt(settings, project, settings.warehouse, sources, *what, "--select", "+int_identities")


def rebuild(settings: Settings, project: Path, source: str, tombstones: Tombstones) -> Path:
    """Build the warehouse anew without erased persons, in place of the one that is there.

    Until the fresh one is whole, the old one stays; a kill leaves it, and the next call begins
    anew.

    Returns:
        dbt's manifest of the build.

    Raises:
        NotReadyError: dbt failed, or another process uses the warehouse.
    """
    folder = settings.warehouse.parent / ".erasure"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # The same name: a view knows its database by it.
    fresh = folder / settings.warehouse.name
    sources = _sources_of(settings) or ([source], [source])
    with reading(settings) as warehouse:
        if warehouse is not None:
            _carry(warehouse, fresh, settings.landing, tombstones)
    _dbt(settings, project, fresh, sources, "build", "--exclude-resource-types", "unit_test")
    for path in (settings.warehouse, fresh):
        _close(path)
    sync(fresh)
    fresh.replace(settings.warehouse)
    sync(settings.warehouse.parent)
    shutil.rmtree(folder)
    return work(settings) / "target" / "manifest.json"


def model_versions(settings: Settings) -> set[str]:
    """Versions of models that the warehouse was built with."""
    with open_warehouse(settings.warehouse, work(settings) / "spill") as connection:
        if "rec_training" not in tables_of(connection):
            return set()
        rows = connection.execute("select model_version from warehouse.main.rec_training")
        return {version for (version,) in rows.fetchall()}


def _carry(
    warehouse: duckdb.DuckDBPyConnection, fresh: Path, landing: Path, tombstones: Tombstones
) -> None:
    know_erased(warehouse, tombstones)
    warehouse.register("erased_lines", erased_lines(landing))
    name = str(fresh).replace("'", "''")
    warehouse.execute(f"attach '{name}' as fresh")
    for table, stays in CARRIED.items():
        if table in tables_of(warehouse):
            warehouse.execute(
                f"create table fresh.main.{table} as "
                f"select asked.* from warehouse.main.{table} as asked where {stays}"
            )
    warehouse.execute("detach fresh")


def _sources_of(settings: Settings) -> tuple[list[str], list[str]] | None:
    with reading(settings) as warehouse:
        return None if warehouse is None else _sources(warehouse)


def _sources(warehouse: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """The sources of events and of tables that the warehouse was built from."""

    def distinct(table: str) -> list[str]:
        if table not in tables_of(warehouse):
            return []
        query = f"select distinct source from warehouse.main.{table} order by source"
        return [source for (source,) in warehouse.execute(query).fetchall()]

    events = distinct("int_events_validated")
    return events, distinct("fct_orders") or events


def _dbt(
    settings: Settings,
    project: Path,
    warehouse: Path,
    sources: tuple[list[str], list[str]],
    *arguments: str,
) -> None:
    variables = json.dumps({"event_sources": sources[0], "table_sources": sources[1]})
    folder = work(settings)
    folder.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    said = run_dbt(
        project,
        [
            *("--log-path", str(folder / "logs"), *arguments),
            *("--vars", variables, "--target-path", str(folder / "target")),
        ],
        {**inherited, "TRASOS_HOME": str(settings.home), "TRASOS_WAREHOUSE": str(warehouse)},
    )
    if said is not None:
        raise NotReadyError(
            "dbt could not build the warehouse without the person, so the erasure is not finished: "
            "landing holds the person no more, the warehouse still does. Do what dbt says and call "
            f"`trasos forget` again: it goes on where it stopped. dbt says: {said}"
        )


def _close(path: Path) -> None:
    """Fold a database's log into it, which also shows that nobody else has it open."""
    if not path.exists():
        return
    try:
        with duckdb.connect(str(path)) as connection:
            connection.execute("checkpoint")
    except duckdb.Error as error:
        raise NotReadyError(
            f"{path} is in use by another process, so the erasure is not finished. Wait for that "
            f"build and call `trasos forget` again. DuckDB says: {error}"
        ) from error


def _glob(pattern: str) -> list[str]:
    return [path for (path,) in duckdb.execute("select file from glob(?)", [pattern]).fetchall()]
