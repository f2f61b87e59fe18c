"""Which models are for readers: those with ``meta.published`` in the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb


def published_models(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Unique id to name of the table, for every enabled model that is published."""
    return {
        unique_id: node["alias"]
        for unique_id, node in sorted(manifest["nodes"].items())
        if node["resource_type"] == "model" and node["config"].get("meta", {}).get("published")
    }


def built_tables(warehouse: Path) -> set[str]:
    """Names of the tables in the warehouse; the caller holds the right to open it."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("select table_name from duckdb_tables()").fetchall()
    return {name for (name,) in rows}
