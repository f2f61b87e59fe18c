"""Landing Parquet and CSV without personal data: events with their provenance, whole tables."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from trasos.errors import InputError
from trasos.landing.columns import as_text, clean_columns, literal
from trasos.landing.discovery import PARQUET_SUFFIX
from trasos.landing.personal import Scrubber
from trasos.landing.schema import DEAD_LETTERS, PROVENANCE

#: DuckDB's name for the number of a row within its Parquet file.
_ROW_NUMBER = "file_row_number"


def land_event_parquet(
    source: Path,
    folder: Path,
    source_file: str,
    batch_id: str,
    loaded_at: datetime,
    scrubber: Scrubber,
) -> int:
    """Write ``source`` into ``folder`` with provenance added, and empty dead letters.

    ``_line_number`` is the row's number from 1; ``_content_hash`` the md5 of the row as JSON, as
    it lands: without personal data. Columns of the envelope become text where they would not fit
    beside those of JSON lines, see ``columns.as_text``.

    Returns:
        Number of rows.

    Raises:
        InputError: the file is no whole Parquet file, or has columns of landing's own names.
    """
    taken = set(_schema_of(source).names) & {*PROVENANCE.names, _ROW_NUMBER}
    if taken:
        names = ", ".join(sorted(taken))
        raise InputError(f"it has columns that landing adds itself ({names}); rename them")
    reader = f"read_parquet({_one_file(source)}, hive_partitioning = false)"
    numbered = (
        f"read_parquet({_one_file(source)}, file_row_number = true, hive_partitioning = false)"
    )
    with _database(folder.parent) as connection:
        clean = clean_columns(connection, reader, scrubber, events=True)
        text = as_text(connection, f"(select * {clean} from {reader})")
        rows = _copy(
            connection,
            f"""
            select
                original.*,
                {literal(source_file)} as _source_file,
                {_ROW_NUMBER} + 1 as _line_number,
                {literal(batch_id)} as _batch_id,
                timestamp {literal(loaded_at.isoformat(sep=" "))} as _loaded_at,
                md5(to_json(original)::varchar) as _content_hash
            from (
                select
                    {_ROW_NUMBER},
                    struct_pack(*columns(* exclude ({_ROW_NUMBER}))) as original
                from (select * {text} from (select * {clean} from {numbered}))
            )
            """,
            folder / "events.parquet",
        )
    with pq.ParquetWriter(folder / "dead_letters.parquet", DEAD_LETTERS):
        pass
    return rows


def write_table(source: Path, suffix: str, target: Path, scrubber: Scrubber) -> tuple[int, bool]:
    """Write a shop's table as Parquet, CSV with every column as text.

    A Parquet file without personal columns is kept byte for byte.

    Returns:
        Number of rows, and whether the table has personal columns.

    Raises:
        InputError: the file is no whole Parquet file or no readable CSV.
    """
    if suffix == PARQUET_SUFFIX:
        rows = _count_all(source)
        reader = f"read_parquet({_one_file(source)}, hive_partitioning = false)"
    elif source.stat().st_size == 0:
        raise InputError("it is empty, without even a line of column names")
    else:
        reader = (
            f"read_csv({_one_file(source)}, all_varchar = true, header = true, "
            "hive_partitioning = false)"
        )
    with _database(target.parent) as connection:
        clean = clean_columns(connection, reader, scrubber)
        if clean or suffix != PARQUET_SUFFIX:
            rows = _copy(connection, f"select * {clean} from {reader}", target)
        else:
            shutil.copyfile(source, target)
    return rows, bool(clean)


def _count_all(path: Path) -> int:
    """Read a Parquet file to its end: a damaged page shows only then, and dbt must not find it."""
    rows = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches():
            rows += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a whole Parquet file: {_first_line(error)}") from error
    return rows


def _one_file(path: Path) -> str:
    """Quote a path for DuckDB's readers, which would take ``*``, ``?`` and ``[`` for a pattern."""
    return literal(glob.escape(str(path)))


def _schema_of(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a whole Parquet file: {_first_line(error)}") from error


@contextmanager
def _database(workshop: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own in memory; what it cannot read is told as ``InputError``."""
    try:
        with duckdb.connect() as connection:
            # Moments with a zone are hashed as text, which must not hang on the machine's zone.
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"set temp_directory = {literal(str(workshop / '.spill'))}")
            yield connection
    except duckdb.Error as error:
        raise InputError(f"cannot be read: {_first_line(error)}") from error


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write what a query gives; return the number of rows."""
    row = connection.execute(
        f"copy ({query}) to {literal(str(target))} (format parquet, compression zstd)"
    ).fetchone()
    assert row is not None  # copy always answers with its count
    return int(row[0])


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
