"""SQL of this package over the arrays of a log: one text, whatever the moment it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from trasos.recommender.data import NO_LAUNCH, Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams

LOOKED, CARTED, BOUGHT = 1, 2, 3
"""Grades of an event: what a person chose to look at, put into the cart, bought; else 0."""


@dataclass(frozen=True)
class Events:
    """A log and a catalogue as tables that SQL reads.

    Attributes:
        events: person, product (int32), session (int64), grade (int8), event_at (int64 seconds),
            weight (float32), in the order of time.
        products: product, department, category, brand (int32), launched_at (int64 seconds, null
            where unknown), price (float64, null where unknown).
        connection: a database of its own, of one thread, so that sums of floats have one order.
    """

    events: Any
    products: Any
    connection: Any

    @classmethod
    def of(cls, log: InteractionLog, catalogue: Catalogue, params: RecommenderParams) -> Events:
        """Lay both out; nothing is copied that need not be."""
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
        connection = duckdb.connect(":memory:", config={"threads": 1})
        connection.register("events", events)
        connection.register("products", products)
        return cls(events, products, connection)

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
            self.connection.register(further, rows)
        table = self.connection.sql(text, params=dict(parameters)).to_arrow_table()
        for further in tables or {}:
            self.connection.unregister(further)
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
