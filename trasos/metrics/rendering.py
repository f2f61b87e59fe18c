"""The part of MetricFlow's client for a warehouse that makes SQL; nothing is run by it."""

from __future__ import annotations

from typing import NoReturn

from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantics.sql.sql_bind_parameters import SqlBindParameterSet


class Renderer(SqlClient):
    """Speaks DuckDB's dialect and has no connection."""

    @property
    def sql_engine_type(self) -> SqlEngine:
        """The dialect."""
        return SqlEngine.DUCKDB

    @property
    def sql_plan_renderer(self) -> SqlPlanRenderer:
        """What writes it."""
        return DuckDbSqlPlanRenderer()

    def query(
        self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet | None = None
    ) -> NoReturn:
        """Refused: whoever asks for SQL runs it.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("the SQL of a metric is run by the caller")

    execute = query
    dry_run = query

    def close(self) -> None:
        """There is nothing to close."""

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """How DuckDB writes a named parameter."""
        return f"${bind_parameter_key}"
