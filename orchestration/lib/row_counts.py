"""How many rows each table has, as metadata of the asset that dbt made it for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from trasos.landing.columns import identifier


def with_row_counts(
    events: Iterator[Any], names: Mapping[str, str], warehouse: Path
) -> Iterator[Any]:
    """Wait until dbt has ended, and pass its events on with the rows of their tables.

    DuckDB lets no second process in while dbt writes. ``fetch_row_counts`` of dagster-dbt waits
    too, asking so often that it takes a core from dbt.

    Args:
        events: as dagster-dbt yields them.
        names: unique id to name of the table, of every node that may be one.
        warehouse: DuckDB's file.

    Raises:
        Exception: what ended the events, once those before it were passed on.
    """
    held: list[Any] = []
    failure: Exception | None = None
    try:
        held.extend(events)
    except Exception as error:
        failure = error
    try:
        rows = table_rows(warehouse) if warehouse.exists() else {}
    except duckdb.Error as error:
        # What dbt did, and why it failed, is to be told all the same.
        dg.get_dagster_logger().warning(f"Rows of tables are left out: {error}")
        rows = {}
    for event in held:
        yield _counted(event, names, rows)
    if failure is not None:
        raise failure


def table_rows(warehouse: Path) -> dict[str, int]:
    """Rows of every table, counted; views would have to be computed."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {
            name: connection.sql(f"select count(*) from {identifier(name)}").fetchall()[0][0]
            for (name,) in names
        }


def _counted(event: Any, names: Mapping[str, str], rows: Mapping[str, int]) -> Any:
    if not isinstance(event, dg.Output | dg.AssetMaterialization):
        return event
    unique_id = getattr((event.metadata or {}).get("unique_id"), "text", None)
    n = rows.get(names.get(unique_id or "", ""))
    if n is None:
        return event
    return event.with_metadata({**event.metadata, "dagster/row_count": n})
