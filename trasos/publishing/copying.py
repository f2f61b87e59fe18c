"""Copying tables from the warehouse into a fresh file, with proof that nothing is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from trasos.errors import InputError, NotReadyError
from trasos.metrics import SavedQuery

#: Older drivers of BI tools read this version of DuckDB's files.
STORAGE_VERSION = "v1.2.0"
#: What the file that is being written is called within a connection.
COPY = "copy"
#: The table in which a published file says what it holds.
PUBLICATION = "_publication"


@dataclass(frozen=True)
class Fingerprint:
    """What a table holds, so that two copies can be compared without reading both.

    Attributes:
        rows: number of rows.
        content: names and types of the columns, and a hash of the rows that does not depend on
            their order. It is comparable within one version of DuckDB, which is part of it.
    """

    rows: int
    content: str


def open_warehouse(warehouse: Path, spill: Path) -> duckdb.DuckDBPyConnection:
    """Attach the warehouse, read-only, as ``warehouse`` to a connection of its own.

    Args:
        warehouse: DuckDB file written by the build.
        spill: folder for what does not fit into memory.

    Raises:
        NotReadyError: the file is missing, not closed cleanly, in use or not readable.
    """
    if not warehouse.is_file():
        raise NotReadyError(f"There is no warehouse at {warehouse}. Run `dbt build` first.")
    log = warehouse.with_name(warehouse.name + ".wal")
    if log.exists():
        raise NotReadyError(
            f"The warehouse {warehouse} was not closed cleanly, or a build is still writing "
            f"({log.name} lies beside it). Wait for the build, or run `dbt build` again."
        )
    connection = duckdb.connect()
    try:
        connection.execute(f"set temp_directory = {_text(str(spill))}")
        connection.execute(f"attach {_text(str(warehouse))} as warehouse (read_only)")
    except duckdb.Error as error:
        connection.close()
        message = str(error).strip().partition("\n")[0]
        if "lock" in message.lower():
            raise NotReadyError(
                f"The warehouse {warehouse} is in use by another process. Publish when the build "
                f"has ended; nothing but the build should open this file. DuckDB says: {message}"
            ) from error
        raise NotReadyError(
            f"The warehouse {warehouse} cannot be opened: {message}. Run `dbt build` again, after "
            "moving the file away if it is damaged."
        ) from error
    return connection


def check_tables(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, tables: Sequence[str]
) -> None:
    """Make sure that every table is there, as a table, in the schema ``main``.

    Raises:
        NotReadyError: one is missing or is a view.
    """
    kinds = dict(
        connection.execute(
            """
            select table_name, table_type from information_schema.tables
            where table_catalog = 'warehouse' and table_schema = 'main'
            """
        ).fetchall()
    )
    if missing := [name for name in tables if name not in kinds]:
        raise NotReadyError(
            f"The warehouse {warehouse} has no table {', '.join(missing)} in the schema main. "
            "Build these models (`dbt build`), or no longer mark them as published."
        )
    if views := [name for name in tables if kinds[name] == "VIEW"]:
        raise NotReadyError(
            f"Only tables can be published; {', '.join(views)} in {warehouse} is a view. Set "
            "`materialized: table` for it."
        )


def fingerprint(connection: duckdb.DuckDBPyConnection, catalog: str, table: str) -> Fingerprint:
    """Take the fingerprint of one table in the schema ``main`` of an attached file."""
    place = f"{catalog}.main.{_name(table)}"
    # A query's description gives the types in full, the values of an enum included.
    shape = connection.execute(f"describe from {place}").fetchall()
    columns = repr([(column[0], column[1]) for column in shape])
    # The alias stands for the whole row, as long as no column bears the same name.
    row = connection.execute(
        f"select count(*), coalesce(sum(hash(_whole_row_)), 0) from {place} as _whole_row_"
    ).fetchone()
    assert row is not None  # an aggregate always answers
    text = f"{duckdb.__version__} {columns} {row[1]}"
    return Fingerprint(int(row[0]), hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    prints: dict[str, Fingerprint],
    answers: Sequence[SavedQuery],
    published_at: datetime,
    warehouse_name: str,
    on_table: Callable[[str], None],
) -> dict[str, Fingerprint]:
    """Write ``target`` with the tables of ``prints`` and ``_publication``, and compare the copies.

    Args:
        connection: from ``open_warehouse``.
        target: file to make; it is whole and closed when this returns.
        prints: the tables and their fingerprints in the warehouse.
        answers: what else becomes a table: questions to those tables.
        published_at: UTC, without zone.
        warehouse_name: name of the warehouse file, for ``_publication``.
        on_table: called with each table's name before it is copied.

    Returns:
        What the file holds, by table.

    Raises:
        InputError: a table cannot be copied, or its copy differs from it.
    """
    try:
        connection.execute(
            f"attach {_text(str(target))} as {COPY} (storage_version {_text(STORAGE_VERSION)})"
        )
        for table, expected in prints.items():
            on_table(table)
            place = _name(table)
            connection.execute(f"create table copy.main.{place} as from warehouse.main.{place}")
            if (found := fingerprint(connection, "copy", table)) != expected:
                raise InputError(
                    f"The copy of {table} differs from it ({found.rows:,} against "
                    f"{expected.rows:,} rows, or other values). Nothing was published. Publish "
                    "again; if it happens again, check the disk."
                )
        for answer in answers:
            on_table(answer.name)
            prints = {**prints, answer.name: _answer(connection, answer)}
        _sign(connection, prints, published_at, warehouse_name)
        connection.execute("checkpoint copy")
        connection.execute("detach copy")
    except duckdb.Error as error:
        raise InputError(
            f"The copy of {warehouse_name} for {target.parent} could not be written: {error} "
            "Nothing was published. Look at the space on the disk and at the table it names."
        ) from error
    return prints


def answer_print(answer: SavedQuery) -> str:
    """What tells whether an answer is made as it was; its tables have prints of their own."""
    return hashlib.md5(answer.sql.encode(), usedforsecurity=False).hexdigest()


def _answer(connection: duckdb.DuckDBPyConnection, answer: SavedQuery) -> Fingerprint:
    """Make a table of an answer, with types that every driver of a BI tool knows."""
    shape = connection.execute(f"describe {answer.sql}").fetchall()
    columns = ", ".join(_plain(name, kind) for name, kind, *_ in shape)
    place = f"{COPY}.main.{_name(answer.name)}"
    connection.execute(f"create table {place} as select {columns} from ({answer.sql}) order by all")
    row = connection.execute(f"select count(*) from {place}").fetchone()
    assert row is not None  # an aggregate always answers
    return Fingerprint(int(row[0]), answer_print(answer))


def _plain(name: str, kind: str) -> str:
    """A column of an answer: days as days, counts as bigint, money with two places.

    MetricFlow calls a time axis ``metric_time__day``, and truncates it to a moment.
    """
    column = _name(name)
    if name.startswith("metric_time__"):
        return f"cast({column} as date) as {_name(name.removeprefix('metric_time__'))}"
    if kind == "HUGEINT":
        return f"cast({column} as bigint) as {column}"
    if kind.startswith("DECIMAL"):
        return f"cast({column} as decimal(18, 2)) as {column}"
    return f"{column} as {_name(name.partition('__')[2] or name)}"


def _sign(
    connection: duckdb.DuckDBPyConnection,
    prints: dict[str, Fingerprint],
    published_at: datetime,
    warehouse_name: str,
) -> None:
    """Write into the copy what it holds."""
    connection.execute(
        f"""
        create table copy.main.{PUBLICATION} (
            published_at timestamp, warehouse varchar, table_name varchar,
            row_count bigint, content_fingerprint varchar
        )
        """
    )
    connection.executemany(
        f"insert into copy.main.{PUBLICATION} values (?, ?, ?, ?, ?)",
        [
            (published_at, warehouse_name, table, found.rows, found.content)
            for table, found in prints.items()
        ],
    )


def published_prints(
    connection: duckdb.DuckDBPyConnection, version: Path
) -> dict[str, Fingerprint]:
    """Read back the fingerprints of a published file; empty where it cannot be read.

    A file that cannot be read is equal to nothing, so that publishing puts a sound one beside it.
    """
    try:
        connection.execute(f"attach {_text(str(version))} as version (read_only)")
        rows = connection.execute(
            f"select table_name, row_count, content_fingerprint from version.{PUBLICATION}"
        ).fetchall()
        connection.execute("detach version")
    except duckdb.Error:
        return {}
    return {table: Fingerprint(count, content) for table, count, content in rows}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
