"""Months to payback, written down a second time: what the macro is held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Payback:
    """When a cohort has paid, as ``rpt_payback`` tells it.

    Attributes:
        months: months of age at whose end the margin covers the cost: 1 where the month of the
            first order is enough; None where it is not covered or cannot be said.
        ratio: cumulated margin over cost at the last age known; None without a cost.
        status: ``paid``, ``not_yet``, ``no_cost`` (nothing is known of a cost),
            ``no_credited_customers`` (money was spent, and no customer is credited to it),
            ``free`` (a cost of 0: paid from the start, and no ratio), or ``no_customers``.
    """

    months: int | None
    ratio: float | None
    status: str


def payback(margins: list[float], cac: float | None, *, is_uncredited: bool = False) -> Payback:
    """Hold the margins of each month of age, from 0 up, against the cost of a customer.

    It has paid at the first age after which the cumulated margin stays at the cost or above, so
    that returns that come in later are not overlooked.
    """
    if not margins:
        return Payback(None, None, "no_customers")
    if cac is None:
        return Payback(None, None, "no_credited_customers" if is_uncredited else "no_cost")
    if cac == 0:
        return Payback(0, None, "free")
    total = np.cumsum(margins)
    below = np.flatnonzero(total < cac)
    age = int(below[-1]) + 1 if len(below) else 0
    ratio = float(total[-1] / cac)
    return Payback(age + 1, ratio, "paid") if age < len(total) else Payback(None, ratio, "not_yet")
