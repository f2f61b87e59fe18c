"""What no model may break: zero tolerance over the lists that it would serve.

Nothing here trusts the code that made the lists. Each count is of whole lists, so that one broken
product twenty times is one list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from trasos.recommender.arrays import SECONDS_A_DAY, Flags
from trasos.recommender.data import Catalogue
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.contender import Contender, Lists
from trasos.recommender.gate.criterion import RULES, Criterion, counted


def invariants(
    contender: Contender, catalogue: Catalogue, bounds: GateBounds, newest_at: int
) -> list[Criterion]:
    """Judge the lists and the age of a model.

    Args:
        contender: the model.
        catalogue: today's products.
        bounds: of the gate.
        newest_at: seconds, the newest interaction of all.
    """
    return [
        *(_count(name, broken, contender.served, catalogue) for name, broken in BROKEN.items()),
        _brands(contender.served, catalogue, bounds),
        _age(contender, bounds, newest_at),
    ]


def _short(lists: Lists, catalogue: Catalogue) -> Flags:
    too_narrow = lists.items.shape[1] < lists.length
    return np.asarray((lists.items[:, : lists.length] == -1).any(axis=1) | too_narrow, np.bool_)


def _doubled(lists: Lists, catalogue: Catalogue) -> Flags:
    ordered = np.sort(lists.items, axis=1)
    return np.asarray(
        ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1), np.bool_
    )


def _unknown(lists: Lists, catalogue: Catalogue) -> Flags:
    return np.asarray(
        ((lists.items < -1) | (lists.items >= catalogue.n_products)).any(axis=1), np.bool_
    )


def _off_sale(lists: Lists, catalogue: Catalogue) -> Flags:
    known = _known(lists, catalogue)
    on_sale = catalogue.is_on_sale[np.where(known, lists.items, 0)]
    return np.asarray((known & ~on_sale).any(axis=1), np.bool_)


def _barred(lists: Lists, catalogue: Catalogue) -> Flags:
    known = _known(lists, catalogue)
    rows = np.repeat(np.arange(len(lists.items), dtype=np.int64), np.diff(lists.barred.indptr))
    barred = rows * catalogue.n_products + lists.barred.indices
    listed = np.arange(len(lists.items), dtype=np.int64)[:, None] * catalogue.n_products
    return np.asarray((np.isin(listed + lists.items, barred) & known).any(axis=1), np.bool_)


def _not_finite(lists: Lists, catalogue: Catalogue) -> Flags:
    return np.asarray((~np.isfinite(lists.scores)).any(axis=1), np.bool_)


def _rising(lists: Lists, catalogue: Catalogue) -> Flags:
    return np.asarray((lists.scores[:, 1:] > lists.scores[:, :-1]).any(axis=1), np.bool_)


BROKEN: dict[str, Callable[[Lists, Catalogue], Flags]] = {
    "full_lists": _short,
    "no_duplicates": _doubled,
    "known_products": _unknown,
    "on_sale": _off_sale,
    "nothing_barred": _barred,
    "finite_scores": _not_finite,
    "falling_scores": _rising,
}
"""For each criterion which lists of a slot break it; bool of shape (b,)."""


def _known(lists: Lists, catalogue: Catalogue) -> Flags:
    return np.asarray((lists.items >= 0) & (lists.items < catalogue.n_products), np.bool_)


def _count(
    name: str,
    broken: Callable[[Lists, Catalogue], Flags],
    served: Sequence[Lists],
    catalogue: Catalogue,
) -> Criterion:
    counts = {lists.slot: int(broken(lists, catalogue).sum()) for lists in served}
    if name == "full_lists":
        for lists in served:
            counts[lists.slot] += max(0, lists.n_wanted - len(lists.items))
    total = sum(max(lists.n_wanted, len(lists.items)) for lists in served)
    faults = ", ".join(f"{count:,} of {slot}" for slot, count in counts.items() if count)
    reason = f"{sum(counts.values()):,} of {total:,} lists" + (f": {faults}." if faults else ".")
    return counted(name, sum(counts.values()), reason)


def _brands(served: Sequence[Lists], catalogue: Catalogue, bounds: GateBounds) -> Criterion:
    n_on_sale = len(np.unique(catalogue.brand[catalogue.is_on_sale]))
    shown = {
        lists.slot: len(np.unique(catalogue.brand[lists.items[_known(lists, catalogue)]]))
        for lists in served
    }
    alone = [slot for slot, count in shown.items() if count == 1]
    if n_on_sale < bounds.many_brands:
        alone = []
    said = ", ".join(f"{count:,} in {slot}" for slot, count in shown.items())
    return counted("several_brands", len(alone), f"{n_on_sale:,} brands on sale; {said}.")


def _age(contender: Contender, bounds: GateBounds, newest_at: int) -> Criterion:
    days = (newest_at - contender.trained_through) / SECONDS_A_DAY
    return Criterion(
        RULES["model_age"],
        days,
        None,
        None,
        days <= bounds.max_age_days,
        f"Learnt from what happened up to {days:.1f} days before the newest interaction.",
    )
