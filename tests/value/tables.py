"""Tables as the marts hand them over, from customers that a test makes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from trasos.value import pareto
from trasos.value.gamma_gamma import GammaGamma
from trasos.value.pareto import ParetoNbd
from trasos.value.purchases import Purchases

AS_OF = date(2026, 6, 30)
ORDERS = ParetoNbd(0.9, 60.0, 1.2, 150.0)
VALUES = GammaGamma(6.0, 4.0, 150.0)


def rfm(seen: Purchases, first_value: float = 40.0) -> pa.Table:
    """`fct_customer_rfm` of customers, half of whose revenue is margin."""
    n = len(seen)
    revenue = seen.frequency * seen.value + first_value
    return pa.table(
        {
            "person_id": [f"p{k:06d}" for k in range(n)],
            "as_of_date": pa.array([AS_OF] * n, pa.date32()),
            "order_day_count": (seen.frequency + 1).astype(np.int64),
            "frequency": seen.frequency.astype(np.int64),
            "recency_days": seen.recency.astype(np.int32),
            "age_days": seen.age.astype(np.int32),
            "days_since_last_order": (seen.age - seen.recency).astype(np.int32),
            "net_revenue": revenue,
            "gross_margin": revenue / 2,
            "valued_frequency": np.where(seen.value > 0, seen.frequency, 0).astype(np.int64),
            "valued_repeat_revenue": seen.frequency * seen.value,
            "horizon_gross_margin": revenue / 2,
        }
    )


def shop(n: int, seed: int = 0, ahead: float = 180.0) -> tuple[Purchases, np.ndarray, np.ndarray]:
    """Customers in whole days with values, and what they order and bring in the time after."""
    rng = np.random.default_rng(seed)
    seen, later = pareto.simulate(ORDERS, rng.integers(5, 360, n).astype(float), ahead, rng)
    nu = rng.gamma(VALUES.q, 1 / VALUES.gamma, n)
    x = seen.frequency

    def total(count: np.ndarray) -> np.ndarray:
        return np.where(count > 0, rng.gamma(np.where(count > 0, VALUES.p * count, 1.0)) / nu, 0.0)

    value = np.divide(total(x), x, out=np.zeros(n), where=x > 0)
    return Purchases(x, np.floor(seen.recency), seen.age, value), later, total(later)


def order_log(customers: list[list[int]], values: float = 30.0) -> pa.Table:
    """Orders by customer as lists of days before AS_OF, as `model_checks` takes them."""
    last = (AS_OF - date(1970, 1, 1)).days
    rows = [(f"p{k:06d}", last - ago) for k, each in enumerate(customers) for ago in each]
    return pa.table(
        {
            "person_id": [who for who, _ in rows],
            "order_day": pa.array([day for _, day in rows], pa.int64()),
            "net_revenue": pa.array([values] * len(rows), pa.float64()),
        }
    )


def weeks(first: date, values: list[float], name: str = "total/orders") -> pa.Table:
    """`fct_value_series` of one series by week."""
    n = len(values)
    return pa.table(
        {
            "series_id": [name] * n,
            "period": ["week"] * n,
            "is_cohort": [name.startswith("cohort")] * n,
            "period_start_date": pa.array(
                [first + timedelta(weeks=k) for k in range(n)], pa.date32()
            ),
            "value": pa.array(values, pa.float64()),
        }
    )
