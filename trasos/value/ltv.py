"""The lifetime value of each customer: orders, revenue and margin to come, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from trasos.errors import InputError
from trasos.recommender.columns import Columns
from trasos.value import order_models, value_models
from trasos.value.arrays import Doubles
from trasos.value.order_models import OrderModel
from trasos.value.params import LtvParams
from trasos.value.purchases import Purchases
from trasos.value.value_models import ValueModel

BLOCK = 20_000
NUMBERS = (
    "p_alive",
    "expected_orders",
    "expected_orders_low",
    "expected_orders_high",
    "expected_order_value",
    "expected_revenue",
    "expected_revenue_low",
    "expected_revenue_high",
    "expected_margin",
    "expected_margin_low",
    "expected_margin_high",
    "ltv_margin",
    "ltv_margin_low",
    "ltv_margin_high",
)
FLAG = "is_extrapolated"
TEXTS = ("order_model", "order_status", "value_model", "value_status")
ROWS = pa.schema(
    [
        pa.field("person_id", pa.string(), nullable=False),
        *(pa.field(name, pa.float64()) for name in NUMBERS),
        *(pa.field(name, pa.string()) for name in TEXTS),
        pa.field(FLAG, pa.bool_(), nullable=False),
    ]
)
"""One row a customer; nulls where a status says that nothing can be said."""


@dataclass(frozen=True)
class Customers:
    """The customers of ``fct_customer_rfm``, sorted by id; arrays have shape (customers,).

    Attributes:
        ids: person_id, ascending.
        purchases: in days; the value is the mean of repeat orders that brought something.
        valued: repeat orders that brought something.
        revenue: net revenue so far.
        margin: gross margin so far.
        margin_at_horizon: gross margin of orders within the horizon after the first order.
        mean_value: mean net revenue of all orders of all customers; nan without.
    """

    ids: list[str]
    purchases: Purchases
    valued: Doubles
    revenue: Doubles
    margin: Doubles
    margin_at_horizon: Doubles
    mean_value: float

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Customers:
        """Read ``fct_customer_rfm``.

        Raises:
            InputError: a column is missing, of another type, or null; or a customer is there twice.
        """
        read = Columns(table, "fct_customer_rfm")
        ids = np.array(read.texts("person_id").to_pylist(), dtype=object)
        order = np.argsort(ids.astype(str), kind="stable")
        ids = ids[order]
        if (ids[1:] == ids[:-1]).any():
            raise InputError("fct_customer_rfm holds a person_id twice: it must have a row each.")

        def column(name: str) -> Doubles:
            values = read.numbers(name)[order]
            if np.isnan(values).any():
                raise InputError(
                    f"fct_customer_rfm.{name} is null in {int(np.isnan(values).sum()):,} rows."
                )
            return values

        valued, revenue = column("valued_frequency"), column("net_revenue")
        repeat = column("valued_repeat_revenue")
        order_days = float(column("order_day_count").sum())
        return cls(
            ids=ids.tolist(),
            purchases=Purchases(
                column("frequency"),
                column("recency_days"),
                column("age_days"),
                np.divide(repeat, valued, out=np.zeros(len(valued)), where=valued > 0),
            ),
            valued=valued,
            revenue=revenue,
            margin=column("gross_margin"),
            margin_at_horizon=column("horizon_gross_margin"),
            mean_value=float(revenue.sum()) / order_days if order_days else float("nan"),
        )

    @property
    def margin_rate(self) -> float:
        """Gross margin of a unit of net revenue, over all orders; nan without revenue."""
        total = float(self.revenue.sum())
        return float(self.margin.sum()) / total if total > 0 else float("nan")


def customer_ltv(customers: Customers, params: LtvParams) -> pa.Table:
    """Forecast each customer's next ``horizon_days``, and value their first ones.

    Means are exact at the fitted parameters. Intervals are quantiles of draws from the posterior
    predictive: parameters from the normal approximation of their logs, then what is open of the
    customer, then their orders and values.

    Two numbers, two questions. ``expected_*`` is what a customer will bring from now on, in the
    horizon. ``ltv_margin`` is what the first ``horizon_days`` after the first order bring: the
    margin of them so far, and what is expected in what is left of them: this is what the cost of
    an acquisition is held against.

    Args:
        customers: all of them; models are fitted on them.
        params: horizon, draws, seed.

    Returns:
        ``pyarrow.Table``: ``ROWS``, sorted by person_id.
    """
    orders, order_status = order_models.choose(customers.purchases, params)
    value, value_status = value_models.choose(
        customers.purchases.frequency,
        customers.valued,
        customers.purchases.value,
        customers.mean_value,
        params.min_repeat_customers,
    )
    n = len(customers.ids)
    found = {name: np.full(n, np.nan) for name in NUMBERS}
    if orders is not None:
        for start in range(0, n, BLOCK):
            rows = slice(start, min(start + BLOCK, n))
            for name, values in _block(customers, rows, orders, value, params).items():
                found[name][rows] = values
    texts = {
        "order_model": None if orders is None else orders.name,
        "order_status": order_status,
        "value_model": None if value is None else value.name,
        "value_status": value_status,
    }
    return pa.table(
        {
            "person_id": pa.array(customers.ids, pa.string()),
            **{name: pa.array(found[name], pa.float64(), from_pandas=True) for name in NUMBERS},
            **{name: pa.array([text] * n, pa.string()) for name, text in texts.items()},
            # Further ahead than anybody was ever watched: who leaves late has not been seen yet.
            FLAG: pa.array([params.horizon_days > customers.purchases.age.max()] * n, pa.bool_()),
        },
        schema=ROWS,
    )


def _block(
    customers: Customers,
    rows: slice,
    orders: OrderModel,
    value: ValueModel | None,
    params: LtvParams,
) -> dict[str, Doubles]:
    """The numbers of some customers; each block has a stream of chance of its own."""
    rng = np.random.default_rng(np.random.SeedSequence(params.seed, spawn_key=(rows.start,)))
    seen = customers.purchases.rows(rows)
    valued = customers.valued[rows]
    ends = ((1 - params.interval_level) / 2, (1 + params.interval_level) / 2)
    ahead = np.full(len(seen), float(params.horizon_days))
    left = np.maximum(params.horizon_days - seen.age, 0.0)
    drawn = orders.draws(seen, ahead, rng, params.draws)
    low, high = np.quantile(drawn, ends, axis=0, method="inverted_cdf")
    found = {
        "p_alive": orders.p_alive(seen),
        "expected_orders": orders.expected(seen, ahead),
        "expected_orders_low": low,
        "expected_orders_high": high,
    }
    if value is None:
        return found
    rate = customers.margin_rate
    each = value.expected(valued, seen.value)
    revenue = np.quantile(value.draws(valued, seen.value, drawn, rng), ends, axis=0)
    margin = np.sort(revenue * rate, axis=0)
    later = value.draws(valued, seen.value, orders.draws(seen, left, rng, params.draws), rng)
    rest = np.sort(np.quantile(later, ends, axis=0) * rate, axis=0)
    so_far = customers.margin_at_horizon[rows]
    return found | {
        "expected_order_value": each,
        "expected_revenue": found["expected_orders"] * each,
        "expected_revenue_low": revenue[0],
        "expected_revenue_high": revenue[1],
        "expected_margin": found["expected_orders"] * each * rate,
        "expected_margin_low": margin[0],
        "expected_margin_high": margin[1],
        "ltv_margin": so_far + orders.expected(seen, left) * each * rate,
        "ltv_margin_low": so_far + rest[0],
        "ltv_margin_high": so_far + rest[1],
    }
