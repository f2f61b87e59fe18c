"""How much each opinion counts in the rentals' hybrid, learnt from what was taken on validation."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bench.recommender.rent_the_runway_models import BLOCKS, LEAST, Fitted
from trasos.recommender.arrays import Codes, Doubles, Flags, Floats
from trasos.recommender.content import ContentLift, fit_powers, raised_least
from trasos.recommender.rank import allowed_block, batches

DRAWN = 100
"""Warm dresses drawn for each person beside those taken."""

RIDGE, SEED = 1e-4, 5


def learnt_powers(fitted: Iterable[Fitted]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Powers of the clicks' parts, and of the lifts of all blocks, by what was taken of the warm.

    Args:
        fitted: of cases of validation; what was taken after their splits is looked at.
    """
    parts = [part for number, f in enumerate(fitted) for part in _alternatives(f, number)]
    logs, is_chosen, sizes = (np.concatenate(column) for column in zip(*parts, strict=True))
    powers = [round(float(power), 3) for power in fit_powers(logs, is_chosen, sizes, RIDGE)]
    n_clicks = len(powers) - len(BLOCKS)
    return tuple(powers[:n_clicks]), tuple(powers[n_clicks:])


def _alternatives(fitted: Fitted, number: int) -> Iterable[tuple[Doubles, Flags, Codes]]:
    """Logarithms of all factors of what each person took and of some others, a batch at a time."""
    case, rng = fitted.case, np.random.default_rng((SEED, number))
    warm = np.flatnonzero(case.candidates & ~case.cold)
    lifts = [ContentLift((block,)) for block in fitted.lift(BLOCKS).blocks]
    clicks = fitted.parts
    for batch in batches(len(case.persons), len(case.candidates)):
        persons = case.persons[batch]
        allowed = allowed_block(len(persons), case.candidates, case.seen[batch])
        taken = case.relevant[batch].toarray() > 0
        offered = taken.copy()
        offered[np.arange(len(persons))[:, None], rng.choice(warm, (len(persons), DRAWN))] = True
        offered[:, case.cold] = False
        offered &= allowed
        offered[~(taken & offered).any(axis=1)] = False
        rows = np.nonzero(offered)
        scores: list[Floats] = [
            raised_least(model.score_persons(persons, allowed), allowed, LEAST)[rows]
            for model in clicks
        ]
        scores += [lift.score_persons(persons, allowed)[rows] for lift in lifts]
        sizes = offered.sum(axis=1)
        yield (
            np.log(np.stack(scores, axis=1).astype(np.float64)),
            taken[rows],
            sizes[sizes > 0].astype(np.int32),
        )
