"""What the models of purchases came to, and how they do on days that they have not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.stats import norm

from trasos.errors import ConfigurationError
from trasos.recommender.columns import Columns
from trasos.value import order_models, value_models
from trasos.value.arrays import Doubles
from trasos.value.fitting import Fit
from trasos.value.gamma_gamma import value_correlation
from trasos.value.ltv import Customers
from trasos.value.params import LtvParams
from trasos.value.purchases import from_log

ROWS = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("figure", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("value_low", pa.float64()),
        pa.field("value_high", pa.float64()),
        pa.field("n_customers", pa.int64()),
        pa.field("status", pa.string(), nullable=False),
    ]
)
"""A row a figure; ends of intervals where there is one."""

NAMES = {
    "bg_nbd": ("r", "alpha_days", "a", "b"),
    "mbg_nbd": ("r", "alpha_days", "a", "b"),
    "pareto_nbd": ("r", "alpha_days", "s", "beta_days"),
    "gamma_gamma": ("p", "q", "gamma"),
}


def whole_days(text: int | str) -> int:
    """Days as dbt hands them over.

    Raises:
        ConfigurationError: no whole number from 1 up.
    """
    said = str(text)
    if not (said.isascii() and said.isdigit() and int(said) > 0):
        raise ConfigurationError(f"ltv_holdout_days is {said}: whole days, 1 or more, are wanted.")
    return int(said)


def check_models(table: Any, orders: Any, params: LtvParams, holdout_days: int) -> pa.Table:
    """Parameters with intervals, what the models take for granted, and a hold-out.

    Args:
        table: ``fct_customer_rfm``.
        orders: person_id, order_day, net_revenue of orders that were not cancelled.
        params: level of intervals, seed, draws.
        holdout_days: days at the end that are forecast from what was before.

    Returns:
        ``pyarrow.Table``: ``ROWS``.
    """
    customers = Customers.from_arrow(table)
    seen = customers.purchases
    model, status = order_models.choose(seen, params)
    value, value_status = value_models.choose(
        seen.frequency, customers.valued, seen.value, customers.mean_value,
        params.min_repeat_customers,
    )  # fmt: skip
    rows: list[dict[str, Any]] = []

    def row(model: str, figure: str, status: str, numbers: tuple[float, ...], n: int) -> None:
        kept = [float(number) if np.isfinite(number) else None for number in numbers]
        kept += [None] * (3 - len(kept))
        rows.append(dict(zip(ROWS.names, (model, figure, *kept, n, status), strict=True)))

    if isinstance(model, order_models.Fitted):
        for name, numbers in _parameters(model.name, model.fit, params.interval_level):
            row(model.name, name, status, numbers, len(seen))
        for name, log_likelihood in model.others.items():
            row(name, "log_likelihood", "not_chosen", (log_likelihood,), len(seen))
    elif isinstance(model, order_models.Pooled):
        rate = model.repeats / model.exposure * 365
        row("pooled_rate", "orders_a_year", status, (rate,), len(seen))
    else:
        row("none", "repeat_customers", status, (0.0,), len(seen))
    has = customers.valued > 0
    if isinstance(value, value_models.Fitted):
        for name, numbers in _parameters("gamma_gamma", value.fit, params.interval_level):
            row("gamma_gamma", name, value_status, numbers, int(has.sum()))
    elif isinstance(value, value_models.Mean):
        row("mean_value", "value", value_status, (value.value,), len(seen))
    related = value_correlation(customers.valued[has], seen.value[has])
    row(
        "gamma_gamma",
        "correlation_of_frequency_and_value",
        value_status,
        (related,),
        int(has.sum()),
    )
    for figure, held_status, numbers, n in _hold_out(table, orders, params, holdout_days):
        row("hold_out", figure, held_status, numbers, n)
    return pa.Table.from_pylist(rows, schema=ROWS)


def _parameters(model: str, fit: Fit, level: float) -> list[tuple[str, tuple[float, ...]]]:
    """Each with its interval, normal in its log."""
    width = norm.ppf((1 + level) / 2) * np.sqrt(np.diag(fit.log_covariance))
    ends = np.exp(np.stack([fit.log_parameters, fit.log_parameters - width,
                            fit.log_parameters + width], axis=1))  # fmt: skip
    found: list[tuple[str, tuple[float, ...]]] = [
        (name, tuple(row)) for name, row in zip(NAMES[model], ends.tolist(), strict=True)
    ]
    return [*found, ("log_likelihood", (fit.log_likelihood,))]


def _hold_out(
    table: Any, orders: Any, params: LtvParams, days: int
) -> list[tuple[str, str, tuple[float, ...], int]]:
    """Order days that customers known before the hold-out have in it: expected beside true."""
    if orders.num_rows == 0:
        return [("expected_order_days", "no_orders", (), 0)]
    read = Columns(orders, "orders")
    ids, codes = np.unique(
        np.array(read.texts("person_id").to_pylist(), dtype=str), return_inverse=True
    )
    day, money = read.whole_numbers("order_day"), read.numbers("net_revenue")
    as_of = np.datetime64(table.column("as_of_date")[0].as_py(), "D").astype(np.int64)
    cut = int(as_of) - days
    if not (day <= cut).any():
        return [("expected_order_days", "period_too_short", (), 0)]
    known, before = from_log(codes, day, money, cut)
    n = len(known)
    model, status = order_models.choose(before, params)
    later = np.unique(np.column_stack([codes, day])[day > cut], axis=0)
    truth = np.bincount(later[:, 0], minlength=len(ids))[known].astype(np.float64)
    found: list[tuple[str, str, tuple[float, ...], int]] = [
        ("true_order_days", status, (float(truth.sum()),), n)
    ]
    if model is None:
        return found
    ahead: Doubles = np.full(n, float(days))
    expected = model.expected(before, ahead)
    rng = np.random.default_rng(params.seed)
    totals = model.draws(before, ahead, rng, params.draws).sum(axis=1)
    ends = ((1 - params.interval_level) / 2, (1 + params.interval_level) / 2)
    low, high = np.quantile(totals, ends).tolist()
    error = float(np.abs(expected - truth).mean())
    naive = np.divide(before.frequency, before.age, out=np.zeros(n), where=before.age > 0) * days
    return [
        *found,
        ("expected_order_days", status, (float(expected.sum()), low, high), n),
        ("mean_absolute_error", status, (error,), n),
        ("naive_mean_absolute_error", status, (float(np.abs(naive - truth).mean()),), n),
    ]
