"""What people would see: how much of the catalogue, how evenly, and how much of it new."""

from __future__ import annotations

import numpy as np

from trasos.recommender.arrays import Codes, Doubles
from trasos.recommender.data import Catalogue
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.contender import Contender, Lists
from trasos.recommender.gate.criterion import RULES, Criterion, not_judged
from trasos.recommender.metrics import coverage, exposure_gini

SLOT, FIRST = "for_you", 10


def exposure(
    challenger: Contender, champion: Contender, catalogue: Catalogue, bounds: GateBounds
) -> list[Criterion]:
    """Compare the lists that both would serve to persons today.

    Args:
        challenger: who wants to serve.
        champion: who serves.
        catalogue: today's products.
        bounds: of the gate.
    """
    ours, theirs = challenger.slot(SLOT), champion.slot(SLOT)
    if len(theirs.items) == 0:
        return [
            not_judged(name, "nobody has a list") for name in ("coverage", "evenness", "overlap")
        ]
    on_sale, length = catalogue.is_on_sale, ours.length
    shown = [coverage(lists.items, on_sale, length) for lists in (ours, theirs)]
    even = [1 - exposure_gini(lists.items, on_sale, length) for lists in (ours, theirs)]
    return [
        _ratio("coverage", shown, bounds.min_coverage, "Share of what is on sale"),
        _ratio("evenness", even, bounds.min_evenness, "1 - Gini"),
        _overlap(ours, theirs, bounds),
    ]


def overlaps(ours: Codes, theirs: Codes) -> Doubles:
    """Share of each row's products that the other's row holds too; shape (n,).

    Args:
        ours: int32 (n, k), product codes, none twice in a row.
        theirs: the same of the same shape.
    """
    both = np.sort(np.concatenate([ours, theirs], axis=1), axis=1)
    return np.asarray((both[:, 1:] == both[:, :-1]).sum(axis=1) / ours.shape[1], np.float64)


def _ratio(name: str, values: list[float], bound: float, what: str) -> Criterion:
    ours, theirs = values
    ratio = ours / theirs if theirs > 0 else 1.0
    reason = f"{what} {ours:.3f}, the champion's {theirs:.3f}."
    return Criterion(RULES[name], ratio, None, None, ratio >= bound, reason)


def _overlap(ours: Lists, theirs: Lists, bounds: GateBounds) -> Criterion:
    _, mine, its = np.intersect1d(ours.subjects, theirs.subjects, return_indices=True)
    if len(mine) == 0:
        return not_judged("overlap", "no person has a list of both")
    share = overlaps(ours.items[mine, :FIRST], theirs.items[its, :FIRST])
    mean = float(share.mean())
    return Criterion(
        RULES["overlap"],
        mean,
        None,
        None,
        mean >= bounds.min_overlap,
        f"{mean:.2f} of the first ten stay; {int((share == 1).sum()):,} of {len(share):,} persons "
        "see the same.",
    )
