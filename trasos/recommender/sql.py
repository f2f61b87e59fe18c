"""SQL of this package over the arrays of a log: one text, whatever the moment and the engine.

Numbers are written as doubles (``3e0``): ``3.0`` is a decimal, whose quotient Spark cuts short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa

from trasos.recommender.data import NO_LAUNCH, Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sql_on_spark import Spark

LOOKED, CARTED, BOUGHT = 1, 2, 3
"""Grades of an event: what a person chose to look at, put into the cart, bought; else 0."""


class Engine(Protocol):
    """What runs a text of SQL with parameters written as ``$name``."""

    def show(self, name: str, rows: Any) -> None:
        """Let SQL read an Arrow table by a name."""

    def hide(self, name: str) -> None:
        """Take it away again."""

    def run(self, text: str, parameters: Mapping[str, float]) -> Any:
        """Answer with an Arrow table."""


@dataclass(frozen=True)
class DuckDB:
    """A database of its own, of one thread, so that sums of floats have one order."""

    connection: Any

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[DuckDB]:
        """In memory, closed at the end."""
        with duckdb.connect(":memory:", config={"threads": 1}) as connection:
            yield cls(connection)

    def show(self, name: str, rows: Any) -> None:
        """See ``Engine``; nothing is copied."""
        self.connection.register(name, rows)

    def hide(self, name: str) -> None:
        """See ``Engine``."""
        self.connection.unregister(name)

    def run(self, text: str, parameters: Mapping[str, float]) -> Any:
        """See ``Engine``."""
        return self.connection.sql(text, params=dict(parameters)).to_arrow_table()


ENGINES: dict[str, Callable[[], AbstractContextManager[Engine]]] = {
    "duckdb": DuckDB.opened,
    "spark": Spark.opened,
}


@dataclass(frozen=True)
class Events:
    """A log and a catalogue as the tables ``events`` and ``products`` that SQL reads.

    ``events`` has person, product (int32), session (int64), grade (int8), event_at (int64 seconds)
    and weight (float32); ``products`` has product, department, category, brand (int32),
    launched_at (int64 seconds, null where unknown) and price (float64, null where unknown).

    Attributes:
        engine: what reads them.
    """

    engine: Engine

    @classmethod
    @contextmanager
    def of(
        cls, log: InteractionLog, catalogue: Catalogue, params: RecommenderParams
    ) -> Iterator[Events]:
        """Lay both out for the engine that ``params`` name, as long as the block lasts.

        Raises:
            ConfigurationError: the engine is Spark, and Spark is not installed.
        """
        events = pa.table(
            {
                "person": log.person,
                "product": log.product,
                "session": log.session,
                "grade": grades(log, params),
                "event_at": log.event_at,
                "weight": log.weight,
            }
        )
        products = pa.table(
            {
                "product": np.arange(catalogue.n_products, dtype=np.int32),
                "department": catalogue.department,
                "category": catalogue.category,
                "brand": catalogue.brand,
                "launched_at": pa.array(
                    catalogue.launched_at, mask=catalogue.launched_at == NO_LAUNCH
                ),
                "price": pa.array(catalogue.price, mask=np.isnan(catalogue.price)),
            }
        )
        with ENGINES[params.sql_engine]() as engine:
            engine.show("events", events)
            engine.show("products", products)
            yield cls(engine)

    def query(
        self,
        package: str,
        name: str,
        parameters: Mapping[str, float],
        tables: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Run a file of SQL that reads the tables ``events`` and ``products``.

        Args:
            package: where the file lies, as ``trasos.recommender.ranking``.
            name: of the file, without its ending.
            parameters: values of ``$name`` in the text; ``as_of`` in seconds wherever events are
                read, which take part only if they lie strictly before it.
            tables: further tables by name.

        Returns:
            Columns by name, as numpy arrays; null is nan.
        """
        text = resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")
        for further, rows in (tables or {}).items():
            self.engine.show(further, rows)
        table = self.engine.run(text, parameters)
        for further in tables or {}:
            self.engine.hide(further)
        return {
            column: table.column(column).combine_chunks().to_numpy(zero_copy_only=False)
            for column in table.column_names
        }


def grades(log: InteractionLog, params: RecommenderParams) -> Any:
    """How far each event went: int8, 0 for what a person did not choose."""
    grade = np.zeros(log.n_events, np.int8)
    for value, types in (
        (LOOKED, params.relevant_event_types),
        (CARTED, params.cart_event_types),
        (BOUGHT, params.order_event_types),
    ):
        grade[log.is_type(types)] = value
    return grade
