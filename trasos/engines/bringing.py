"""Tables that Spark wrote as Parquet, taken into a DuckDB file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from trasos.errors import InputError


def bring_over(folder: Path, warehouse: Path, names: Iterable[str]) -> dict[str, int]:
    """Replace tables of a DuckDB file by what ``export_relations`` wrote, all of them or none.

    Args:
        folder: holds a folder of Parquet files for each table.
        warehouse: the DuckDB file; made where it is not there.
        names: of the tables.

    Returns:
        Rows by name of table.

    Raises:
        InputError: a table was not written; none is replaced then.
    """
    names = list(names)
    missing = [name for name in names if not any((folder / name).glob("*.parquet"))]
    if missing:
        raise InputError(
            f"{folder} lacks {', '.join(missing)}: Spark wrote nothing for it. Build the whole "
            "graph once, then again what you want of it."
        )
    rows = {}
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    # As profiles.yml has it.
    limit = os.environ.get("TRASOS_MEMORY_LIMIT", "4GB")
    with duckdb.connect(str(warehouse), config={"memory_limit": limit}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.begin()
        for name in names:
            connection.execute(
                f'create or replace table "{name}" as from read_parquet($files)',
                {"files": str(folder / name / "*.parquet")},
            )
            ((count,),) = connection.execute(f'select count(*) from "{name}"').fetchall()
            rows[name] = count
        connection.commit()
    return rows
