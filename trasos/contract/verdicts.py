"""One event file, landed and judged apart from everything else by the warehouse's own models."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson

from trasos.contract.project import build_verdicts
from trasos.errors import InputError
from trasos.files import exclusive
from trasos.landing import land
from trasos.landing.discovery import LINE_SUFFIXES, PARQUET_SUFFIX
from trasos.landing.reading import blocks, lines
from trasos.landing.report import LandedBatch
from trasos.landing.schema import JSON_COLUMNS, TEXT_COLUMNS
from trasos.project import find_project
from trasos.settings import Settings

#: Told what is being done.
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Judgement:
    """A file with the verdict on each of its lines, as long as ``judged`` holds it.

    Attributes:
        file: the event file.
        batch: what landing made of it.
        connection: the warehouse of this file alone, with ``int_events_judged``; None where
            nothing was landed that could be judged.
    """

    file: Path
    batch: LandedBatch
    connection: duckdb.DuckDBPyConnection | None

    def verdicts(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse; nothing comes back where no line is an event."""
        return [] if self.connection is None else self.connection.execute(sql).fetchall()

    def dead_letters(self) -> list[tuple[str, int]]:
        """Reason and line of each dead letter, in the order of lines."""
        letters = str(self.batch.folder / "dead_letters.parquet")
        return duckdb.execute(
            "select reason, line_number from read_parquet(?) order by line_number", [letters]
        ).fetchall()

    def events(self, wanted: set[int]) -> dict[int, Any]:
        """Read some events again, as the tracker wrote them.

        Args:
            wanted: line numbers from 1 of lines that parse.

        Returns:
            Each line as it was parsed; of a Parquet file each row in the envelope that a line
            would have. Rows of a Parquet file without that envelope are left out.
        """
        if self.file.name.lower().endswith(PARQUET_SUFFIX):
            return self._rows(wanted)
        found: dict[int, Any] = {}
        content = lines(blocks(self.file, lambda consumed: None))
        for number, (line, _) in enumerate(content, start=1):
            if len(found) == len(wanted):
                break
            if number in wanted:
                found[number] = orjson.loads(line.strip())
        return found

    def _rows(self, wanted: set[int]) -> dict[int, Any]:
        rows = duckdb.execute(
            "select * from read_parquet(?) where list_contains(?, _line_number)",
            [str(self.batch.folder / "events.parquet"), sorted(wanted)],
        )
        names = [column[0] for column in rows.description]
        if not set(names).issuperset(TEXT_COLUMNS.values()):
            return {}
        found = {}
        for values in rows.fetchall():
            row = dict(zip(names, values, strict=True))
            event = {key: row[column] for key, column in TEXT_COLUMNS.items()}
            event |= {key: _parsed(row.get(column)) for key, column in JSON_COLUMNS.items()}
            found[row["_line_number"]] = event
        return found


def _parsed(text: Any) -> Any:
    """Turn JSON text into its value; what is no JSON stays what it is, for the schema to see."""
    if not isinstance(text, str):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


@contextmanager
def judged(file: Path, source: str, settings: Settings, tell: Tell) -> Iterator[Judgement]:
    """Land one file into a home of its own and have the dbt project judge it there.

    That home lies below ``build/check/`` of the shop's own. What is landed and built in it is gone
    afterwards; dbt's parse of the project stays, since making it takes most of the time.

    Args:
        file: JSON lines (plain, gzip or zstd) or Parquet.
        source: the source whose models judge, such as ``shop``.
        settings: the shop's home; neither its landing nor its warehouse is touched.
        tell: called with what is being done.

    Raises:
        InputError: the file is not there, is none that landing takes, or cannot be read or judged.
        ConfigurationError: there is no dbt project, or ``source`` is no fit name.
        NotReadyError: another process is checking in the same home.
    """
    suffix = _suffix(file)
    project = find_project()
    home = settings.home / "build" / "check"
    with exclusive(home / ".lock", f"checking a file in {home}"):
        try:
            # A check that was killed leaves what it had.
            _clear(home)
            dropped = home / "inbox" / "events"
            dropped.mkdir(parents=True)
            (dropped / f"checked{suffix}").symlink_to(file.resolve())
            tell(f"Landing {file.name}")
            report = land(source, Settings(home=home), inbox=dropped.parent)
            if report.refused:
                raise InputError(f"{file} would be refused: {report.refused[0][1]}.")
            (batch,) = report.batches
            if batch.events == 0:
                yield Judgement(file, batch, None)
                return
            tell(f"Judging {batch.events:,} events with the models of {project}")
            problem = build_verdicts(project, home, source)
            if problem is not None:
                raise InputError(
                    f"{file} cannot be judged as a file of the source {source!r}. dbt says:\n"
                    f"{problem}"
                )
            with duckdb.connect(home / "warehouse" / "trasos.duckdb", read_only=True) as connection:
                yield Judgement(file, batch, connection)
        finally:
            _clear(home)


def _suffix(file: Path) -> str:
    if not file.is_file():
        raise InputError(f"There is no file {file}. Name an event file that a tracker wrote.")
    known = sorted(LINE_SUFFIXES | {PARQUET_SUFFIX}, key=len)
    fitting = [suffix for suffix in known if file.name.lower().endswith(suffix)]
    if not fitting:
        raise InputError(
            f"{file} has no ending of an event file. Landing takes {', '.join(known)}: name the "
            "file by what it holds."
        )
    return fitting[-1]


def _clear(home: Path) -> None:
    for name in ("inbox", "landing", "warehouse"):
        shutil.rmtree(home / name, ignore_errors=True)
