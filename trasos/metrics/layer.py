"""The semantic layer: from names of metrics to the SQL that answers them.

Metrics stand in the YAML of the models (``semantic_model``, ``metrics``, ``saved_queries``); dbt
writes them into ``semantic_manifest.json``. MetricFlow makes SQL of a question: it knows which
tables to join, how to add up a ratio, and how to fill a time axis
(https://docs.getdbt.com/docs/build/about-metricflow). Only its compiler is used: the SQL runs where
the caller wants it, on the published copy for one, which ``mf`` would open for writing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trasos.errors import InputError, NotReadyError

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine


@dataclass(frozen=True)
class Question:
    """What is asked of the metrics.

    Attributes:
        metrics: their names.
        by: names of dimensions, such as ``metric_time__month`` or ``session__channel``.
        where: conditions in MetricFlow's notation, such as
            ``{{ Dimension('session__channel') }} = 'email'``.
        order: names of metrics or dimensions; a minus before one turns it around.
        limit: rows at most; None is all.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Metric:
    """A metric as its YAML describes it.

    Attributes:
        name: what it is asked for by.
        label: what a page calls it.
        description: one sentence.
    """

    name: str
    label: str
    description: str


@dataclass(frozen=True)
class SavedQuery:
    """A saved query as SQL.

    Attributes:
        name: of the query, and of the table that it becomes.
        sql: a select statement in DuckDB's dialect.
        tables: names of the tables that it reads.
    """

    name: str
    sql: str
    tables: tuple[str, ...]


class SemanticLayer:
    """The metrics of one project.

    Args:
        manifest: dbt's ``semantic_manifest.json``.
        schema: where the tables lie when the SQL runs: ``main``, or ``catalog.main``.

    Raises:
        NotReadyError: there is no such file: nothing was built yet.
    """

    def __init__(self, manifest: Path, schema: str = "main") -> None:
        try:
            content: dict[str, Any] = json.loads(manifest.read_text())
        except FileNotFoundError:
            raise NotReadyError(
                f"There is no {manifest}, which says how metrics are made. Run `dbt build` first."
            ) from None
        # A name that MetricFlow passes on as it is: it knows no table but by it.
        self._content = content
        for model in self._relations():
            alias = model["node_relation"]["alias"]
            model["node_relation"] = {
                "alias": alias,
                "schema_name": schema,
                "relation_name": f"{schema}.{alias}",
            }

    @property
    def metrics(self) -> list[Metric]:
        """Every metric, by name."""
        return sorted(
            (
                Metric(metric["name"], metric["label"] or metric["name"], metric["description"])
                for metric in self._content["metrics"]
            ),
            key=lambda metric: metric.name,
        )

    @property
    def saved_queries(self) -> list[str]:
        """Names of the questions that are kept in the project."""
        return sorted(query["name"] for query in self._content["saved_queries"])

    def answers(self) -> list[SavedQuery]:
        """Every saved query as SQL, with the tables that it reads."""
        aliases = [model["node_relation"] for model in self._relations()]
        return [
            SavedQuery(
                name,
                sql,
                tuple(
                    sorted(
                        {
                            relation["alias"]
                            for relation in aliases
                            if re.search(rf"\b{re.escape(relation['relation_name'])}\b", sql)
                        }
                    )
                ),
            )
            for name, sql in ((name, self.saved_sql(name)) for name in self.saved_queries)
        ]

    def dimensions(self, metrics: Sequence[str]) -> list[str]:
        """Names of the dimensions by which all of some metrics can be split.

        Raises:
            InputError: one of the metrics is unknown.
        """
        self._check(metrics)
        found = self._engine.simple_dimensions_for_metrics(list(metrics), ())
        return sorted({dimension.dunder_name for dimension in found} | {"metric_time"})

    def sql(self, question: Question) -> str:
        """The SQL that answers a question, in DuckDB's dialect.

        Raises:
            InputError: a metric or dimension is unknown, or they do not go together; the message
                says which would.
        """
        self._check(question.metrics)
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        return self._compiled(
            MetricFlowQueryRequest.create(
                metric_names=question.metrics,
                group_by_names=question.by or None,
                where_constraints=question.where or None,
                order_by_names=question.order or None,
                limit=question.limit,
            )
        )

    def saved_sql(self, name: str) -> str:
        """The SQL of a question that is kept in the project.

        Raises:
            InputError: there is none of this name, or it asks for what is not there.
        """
        if name not in self.saved_queries:
            raise InputError(
                f"There is no saved query {name!r}; there are {', '.join(self.saved_queries)}."
            )
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        return self._compiled(MetricFlowQueryRequest.create(saved_query_name=name))

    def _compiled(self, request: Any) -> str:
        from metricflow_semantics.errors.error_classes import (
            InvalidQueryException,
            UnableToSatisfyQueryError,
        )

        try:
            sql = self._engine.explain(request).sql_statement.sql
        except (InvalidQueryException, UnableToSatisfyQueryError) as error:
            raise InputError(f"This cannot be asked of the metrics: {error}") from error
        return str(sql)

    def _check(self, metrics: Sequence[str]) -> None:
        known = [metric.name for metric in self.metrics]
        if not metrics:
            raise InputError(f"Name a metric; there are {', '.join(known)}.")
        if unknown := [name for name in metrics if name not in known]:
            raise InputError(
                f"There is no metric {', '.join(unknown)}; there are {', '.join(known)}."
            )

    @cached_property
    def _engine(self) -> MetricFlowEngine:
        # Some seconds of imports: a command that asks nothing of it need not wait.
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model.dbt_manifest_parser import (
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        from trasos.metrics.rendering import Renderer

        manifest = parse_manifest_from_dbt_generated_manifest(
            manifest_json_string=json.dumps(self._content)
        )
        return MetricFlowEngine(SemanticManifestLookup(manifest), Renderer())

    def _relations(self) -> list[dict[str, Any]]:
        """What names a table: semantic models and the axis of time."""
        spines = self._content["project_configuration"]["time_spines"]
        return [*self._content["semantic_models"], *spines]
