"""Landing Parquet and CSV: events as they are with their provenance, and whole tables."""

from __future__ import annotations

import glob
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from trasos.errors import InputError
from trasos.landing.discovery import PARQUET_SUFFIX
from trasos.landing.schema import DEAD_LETTERS, PROVENANCE

#: DuckDB's name for the number of a row within its Parquet file.
_ROW_NUMBER = "file_row_number"


def land_event_parquet(
    source: Path, folder: Path, source_file: str, batch_id: str, loaded_at: datetime
) -> int:
    """Write ``source`` into ``folder`` with provenance added, and empty dead letters.

    ``_line_number`` is the row's number from 1; ``_content_hash`` the md5 of the row as JSON.

    Returns:
        Number of rows.

    Raises:
        InputError: the file is no whole Parquet file, or has columns of landing's own names.
    """
    taken = set(_schema_of(source).names) & {*PROVENANCE.names, _ROW_NUMBER}
    if taken:
        names = ", ".join(sorted(taken))
        raise InputError(f"it has columns that landing adds itself ({names}); rename them")
    query = f"""
        copy (
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
                from read_parquet(
                    {_one_file(source)}, file_row_number = true, hive_partitioning = false
                )
            )
        ) to {literal(str(folder / "events.parquet"))} (format parquet, compression zstd)
    """
    rows = _run(query, folder.parent)
    with pq.ParquetWriter(folder / "dead_letters.parquet", DEAD_LETTERS):
        pass
    return rows


def write_table(source: Path, suffix: str, target: Path) -> int:
    """Write a shop's table as Parquet: Parquet byte for byte, CSV with every column as text.

    Returns:
        Number of rows.

    Raises:
        InputError: the file is no whole Parquet file or no readable CSV.
    """
    if suffix != PARQUET_SUFFIX:
        if source.stat().st_size == 0:
            raise InputError("it is empty, without even a line of column names")
        return _run(
            f"""
            copy (
                from read_csv(
                    {_one_file(source)},
                    all_varchar = true, header = true, hive_partitioning = false
                )
            ) to {literal(str(target))} (format parquet, compression zstd)
            """,
            target.parent,
        )
    rows = 0
    try:
        # A damaged page shows only when it is read, and dbt should never be the one to find it.
        for batch in pq.ParquetFile(source).iter_batches():
            rows += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a whole Parquet file: {_first_line(error)}") from error
    shutil.copyfile(source, target)
    return rows


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def _one_file(path: Path) -> str:
    """Quote a path for DuckDB's readers, which would take ``*``, ``?`` and ``[`` for a pattern."""
    return literal(glob.escape(str(path)))


def _schema_of(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a whole Parquet file: {_first_line(error)}") from error


def _run(query: str, workshop: Path) -> int:
    """Run one ``copy`` in a DuckDB of its own; give the number of rows written."""
    try:
        with duckdb.connect() as connection:
            # Moments with a zone are hashed as text, which must not hang on the machine's zone.
            connection.execute("set timezone = 'UTC'")
            connection.execute(f"set temp_directory = {literal(str(workshop / '.spill'))}")
            row = connection.execute(query).fetchone()
    except duckdb.Error as error:
        raise InputError(f"cannot be read: {_first_line(error)}") from error
    assert row is not None  # copy always answers with its count
    return int(row[0])


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
