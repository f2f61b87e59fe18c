"""Keeping builds out while landed files change their places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from trasos.errors import NotReadyError


@contextmanager
def no_build(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Hold the warehouse as a reader: a build holds it as a writer, so the two exclude each other.

    A build that starts meanwhile waits for its turn (``retries`` in ``profiles.yml``).

    Yields:
        A connection to the warehouse, or None where there is none yet.

    Raises:
        NotReadyError: a build is running, or the file cannot be opened.
    """
    if not warehouse.is_file():
        yield None
        return
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise NotReadyError(
            f"The warehouse {warehouse} cannot be opened, and a build that reads landed files must "
            "not meet them on the move. Call again when the build has ended; nothing was changed. "
            f"DuckDB says: {str(error).strip().partition(chr(10))[0]}"
        ) from error
    with connection:
        yield connection
