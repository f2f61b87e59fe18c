"""Months until what customers bring has covered what it cost to win them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.errors import InputError
from trasos.value.arrays import Doubles


@dataclass(frozen=True)
class Payback:
    """When a cohort has paid.

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


def payback(margin_by_age: Doubles, cac: float | None, *, is_uncredited: bool = False) -> Payback:
    """Hold the margin of a cohort against its cost of acquisition.

    Args:
        margin_by_age: (ages,) margin a customer acquired in each month of age, from age 0 up; only
            months that are over for the whole cohort.
        cac: cost a customer acquired; None where none is known.
        is_uncredited: money was spent, and no customer is credited to it: why there is no cost.

    Returns:
        When it has paid: the first age after which the cumulated margin stays at the cost or
        above, so that returns that come in later are not overlooked.

    Raises:
        InputError: a cost below 0, or a margin that is not finite.
    """
    margins = np.asarray(margin_by_age, np.float64)
    if cac is not None and not (np.isfinite(cac) and cac >= 0):
        raise InputError(f"Payback: a cost of {cac} a customer; give 0 or more, or None.")
    if not np.isfinite(margins).all():
        raise InputError("Payback: a margin is not finite; leave out months that are not over.")
    if not len(margins):
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
