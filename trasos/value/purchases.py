"""Recency, frequency and monetary value of customers, from a log of purchases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.errors import InputError
from trasos.value.arrays import Counts, Days, Doubles


@dataclass(frozen=True)
class Purchases:
    """What the models of purchases know of each customer; all arrays have shape (customers,).

    In the words of Fader, Hardie & Lee (2005), "Counting your customers the easy way": of a
    customer's purchases after the first, how many there were and when the last one was.

    Attributes:
        frequency: x, repeat purchases; purchases of one day are one.
        recency: t_x, time from the first purchase to the last one; 0 without a repeat purchase.
        age: T, time from the first purchase to the end of the observation; same unit as recency.
        value: mean value of a repeat purchase; 0 without one.

    Raises:
        InputError: shapes differ, or a number cannot be: x below 0 or no whole number, t_x not
            within 0..T, t_x above 0 without x, a value below 0 or not finite.
    """

    frequency: Doubles
    recency: Doubles
    age: Doubles
    value: Doubles

    def __post_init__(self) -> None:
        """Refuse what no log of purchases gives."""
        for name in ("frequency", "recency", "age", "value"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        x, t_x, age, value = self.frequency, self.recency, self.age, self.value
        if not (x.ndim == 1 and x.shape == t_x.shape == age.shape == value.shape):
            raise InputError(
                "Purchases: frequency, recency, age and value are not of one length: "
                f"{x.shape}, {t_x.shape}, {age.shape}, {value.shape}. Hand over a row a customer."
            )
        wrong = {
            "a frequency that is no whole number from 0 up": (x < 0) | (x != np.floor(x)),
            "a recency outside 0..age": ~((t_x >= 0) & (t_x <= age)),
            "a recency above 0 without a repeat purchase": (x == 0) & (t_x > 0),
            "a value below 0": ~(value >= 0),
            "a number that is not finite": ~np.isfinite(x + t_x + age + value),
        }
        for what, where in wrong.items():
            if where.any():
                raise InputError(
                    f"Purchases: {int(where.sum()):,} of {len(x):,} customers have {what}, the "
                    f"first at row {int(np.flatnonzero(where)[0])}. Look at fct_customer_rfm."
                )

    def __len__(self) -> int:
        """How many customers there are."""
        return len(self.frequency)

    def rows(self, rows: slice | Counts) -> Purchases:
        """Of some of the customers."""
        return Purchases(self.frequency[rows], self.recency[rows], self.age[rows], self.value[rows])

    @property
    def repeat_customers(self) -> int:
        """How many of them purchased again."""
        return int((self.frequency > 0).sum())


def from_log(customer: Counts, day: Days, value: Doubles, end_day: int) -> tuple[Counts, Purchases]:
    """Summarise a log of purchases up to a day.

    Args:
        customer: (purchases,) whose; any whole numbers.
        day: (purchases,) whole days since 1970-01-01; purchases of a day are one purchase.
        value: (purchases,) money.
        end_day: last day that is looked at; later purchases are left out.

    Returns:
        The customers who purchased by then, ascending, shape (customers,), and their summary in
        days.

    Raises:
        InputError: nobody purchased by that day.
    """
    seen = day <= end_day
    customer, day, value = customer[seen], day[seen], value[seen]
    if not len(customer):
        raise InputError("No purchase lies before the last day looked at: take a later one.")
    order = np.lexsort((day, customer))
    customer, day, value = customer[order], day[order], value[order]
    starts = np.concatenate([[True], (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])])
    rows = np.flatnonzero(starts)
    of_day = np.add.reduceat(value, rows)
    customer, day = customer[rows], day[rows]
    firsts = np.flatnonzero(np.concatenate([[True], customer[1:] != customer[:-1]]))
    lasts = np.concatenate([firsts[1:], [len(customer)]]) - 1
    x = (lasts - firsts).astype(np.float64)
    repeat_value = np.add.reduceat(of_day, firsts) - of_day[firsts]
    return customer[firsts], Purchases(
        frequency=x,
        recency=(day[lasts] - day[firsts]).astype(np.float64),
        age=(end_day - day[firsts]).astype(np.float64),
        value=np.maximum(np.divide(repeat_value, x, out=np.zeros(len(x)), where=x > 0), 0.0),
    )
