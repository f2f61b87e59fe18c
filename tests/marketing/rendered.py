"""The models' own SQL, run on DuckDB without dbt: rendered as dbt does it, in the order given."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace
from typing import Any

import duckdb

from tests.engines.macros import ROOT, VARS, Macros, Relation

FILES = {file.stem: file for file in (ROOT / "models").rglob("*.sql")}


def build(connection: duckdb.DuckDBPyConnection, *models: str, **variables: Any) -> None:
    """Make a table of each model, out of the tables that the connection holds already."""
    for name in models:
        sql = _sql_of(name, json.dumps(variables, sort_keys=True))
        connection.execute(f"create or replace table {name} as {sql}")


@cache
def _sql_of(model: str, variables: str) -> str:
    return _macros(variables).render(FILES[model].read_text())


@cache
def _macros(variables: str) -> Macros:
    """Loading them takes most of a second."""
    values = VARS | json.loads(variables)
    return Macros(
        "duckdb",
        ref=Relation,
        source=lambda source, table: Relation(f"{source}__{table}"),
        config=lambda **settings: "",
        target=SimpleNamespace(type="duckdb"),
        var=lambda name: values[name],
    )
