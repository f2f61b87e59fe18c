"""What customers are compared by: recency, frequency, money, and how they look around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from trasos.errors import InputError
from trasos.recommender.columns import Columns
from trasos.value.arrays import Doubles

FEATURES = (
    "days_since_last_order",
    "order_day_count",
    "value_per_order",
    "session_count",
    "view_count",
)


@dataclass(frozen=True)
class Described:
    """Customers with what they are compared by, sorted by id.

    Attributes:
        ids: person_id, ascending.
        raw: (customers, features) as they are, ``FEATURES`` in order.
        revenue: (customers,) net revenue so far.
    """

    ids: list[str]
    raw: Doubles
    revenue: Doubles

    @property
    def scaled(self) -> Doubles:
        """Logs of 1 + x, each feature of mean 0 and spread 1; one that never varies is all 0.

        Logs, since a customer with ten orders differs from one with five as one with two does from
        one with one.
        """
        logs = np.log1p(np.maximum(self.raw, 0.0))
        spread = logs.std(axis=0)
        centred = logs - logs.mean(axis=0)
        scaled: Doubles = np.divide(centred, spread, out=np.zeros_like(logs), where=spread > 1e-12)
        return scaled


def describe(customers: Any, behaviour: Any) -> Described:
    """Put together ``fct_customer_rfm`` and what customers did on the pages.

    Args:
        customers: ``pyarrow.Table`` of ``fct_customer_rfm``, with rows.
        behaviour: ``pyarrow.Table``: person_id, session_count, view_count; may have no rows.

    Raises:
        InputError: a column is missing, of another type or null, or a customer is there twice.
    """
    read = Columns(customers, "fct_customer_rfm")
    ids = np.array(read.texts("person_id").to_pylist(), dtype=str)
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    if (ids[1:] == ids[:-1]).any():
        raise InputError("fct_customer_rfm holds a person_id twice: it must have a row each.")
    revenue = read.numbers("net_revenue")[order]
    counts = read.numbers("order_day_count")[order]
    sessions, views = np.zeros(len(ids)), np.zeros(len(ids))
    held = behaviour.read_all() if isinstance(behaviour, pa.RecordBatchReader) else behaviour
    if held.num_rows:
        other = Columns(held, "fct_sessions by person")
        places = {name: place for place, name in enumerate(ids.tolist())}
        for name, session, view in zip(
            other.texts("person_id").to_pylist(),
            other.numbers("session_count").tolist(),
            other.numbers("view_count").tolist(),
            strict=True,
        ):
            if name in places:
                sessions[places[name]], views[places[name]] = session, view
    raw = np.column_stack(
        [
            read.numbers("days_since_last_order")[order],
            counts,
            np.maximum(revenue, 0.0) / np.maximum(counts, 1.0),
            sessions,
            views,
        ]
    )
    if not np.isfinite(raw).all():
        raise InputError("fct_customer_rfm: a number that customers are compared by is null.")
    return Described(ids.tolist(), raw, revenue)
