"""The models' own SQL, run on DuckDB without dbt: rendered as dbt does it, in the order given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import duckdb

from tests.engines.macros import ROOT, VARS, Macros, Relation

FILES = {file.stem: file for file in (ROOT / "models").rglob("*.sql")}


def build(connection: duckdb.DuckDBPyConnection, *models: str, **variables: Any) -> None:
    """Make a table of each model, out of the tables that the connection holds already."""
    macros = Macros(
        "duckdb",
        ref=Relation,
        source=lambda source, table: Relation(f"{source}__{table}"),
        config=lambda **settings: "",
        target=SimpleNamespace(type="duckdb"),
        var=lambda name: (VARS | variables)[name],
    )
    for name in models:
        sql = macros.render(FILES[name].read_text())
        connection.execute(f"create or replace table {name} as {sql}")
