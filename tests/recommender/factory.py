"""A small shop with known taste, for tests of the recommender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

START = 1_700_000_000
WEIGHTS = {"product_viewed": 1.0, "product_added": 4.0, "item_purchased": 8.0}


@dataclass(frozen=True)
class Shop:
    """Both tables of a shop."""

    interactions: Any
    products: Any


def products_table(n: int, n_departments: int = 4, **overrides: Any) -> Any:
    codes = np.arange(n)
    columns: dict[str, Any] = {
        "product_id": [f"p{code:05d}" for code in codes],
        "product_name": [f"Product {code}" for code in codes],
        "department": [f"d{code % n_departments}" for code in codes],
        "category": [f"c{code // n_departments % 3}" for code in codes],
        "brand": [f"b{code % 7}" for code in codes],
        "price": 10.0 + codes,
        "launched_at": pa.array([None] * n, pa.timestamp("us")),
        "is_on_sale": [True] * n,
    }
    return pa.table({**columns, **overrides})


def interactions_table(rows: list[tuple[str, str, str, str, float]]) -> Any:
    """Rows of (person, product, session, event type, day)."""
    persons, products, sessions, types, days = map(list, zip(*rows, strict=True))
    seconds = START + (np.array(days, np.float64) * 86_400).astype(np.int64)
    return pa.table(
        {
            "person_id": persons,
            "product_id": products,
            "session_id": sessions,
            "event_type": types,
            "event_at": pa.array(seconds * 1_000_000, pa.timestamp("us")),
            "weight": [WEIGHTS.get(name, 1.0) for name in types],
        }
    )


def simulate(
    *,
    n_persons: int = 400,
    n_products: int = 160,
    n_events: int = 14_000,
    n_departments: int = 4,
    n_tastes: int = 5,
    taste: float = 0.8,
    days: float = 90.0,
    seed: int = 0,
) -> Shop:
    """People of one department who, with probability ``taste``, pick within one cluster of it.

    With ``taste`` 0 everyone picks uniformly within the department: nothing is there to be found.
    """
    rng = np.random.default_rng(seed)
    department_of = np.arange(n_products) % n_departments
    cluster_of = np.arange(n_products) // n_departments % n_tastes
    person_department = rng.integers(0, n_departments, n_persons)
    person_cluster = rng.integers(0, n_tastes, n_persons)
    n_sessions = n_events // 5
    session_person = rng.integers(0, n_persons, n_sessions)
    session_at = rng.uniform(0, days, n_sessions)
    session = np.repeat(np.arange(n_sessions), 5)
    person = session_person[session]
    with_taste = rng.random(len(session)) < taste
    by_department = [np.flatnonzero(department_of == d) for d in range(n_departments)]
    product = np.empty(len(session), np.int64)
    for row, (who, tasteful) in enumerate(zip(person, with_taste, strict=True)):
        pool = by_department[person_department[who]]
        if tasteful:
            pool = pool[cluster_of[pool] == person_cluster[who]]
        product[row] = pool[rng.integers(len(pool))]
    at = (
        START
        + (session_at[session] * 86_400).astype(np.int64)
        + np.tile(np.arange(5) * 40, n_sessions)
    )
    types = rng.choice(list(WEIGHTS), len(session), p=[0.9, 0.07, 0.03])
    table = pa.table(
        {
            "person_id": [f"person-{who:05d}" for who in person],
            "product_id": [f"p{code:05d}" for code in product],
            "session_id": [f"s{number:06d}" for number in session],
            "event_type": types,
            "event_at": pa.array(at * 1_000_000, pa.timestamp("us")),
            "weight": [WEIGHTS[name] for name in types],
        }
    )
    return Shop(table, products_table(n_products, n_departments))
