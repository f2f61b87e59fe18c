"""Slices of the past to learn from: a moment, what was known then, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import SECONDS_A_DAY, Codes, Flags, Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.known import known_at
from trasos.recommender.matrix import pair_matrix, seen_products
from trasos.recommender.params import RecommenderParams
from trasos.recommender.split import on_sale_at
from trasos.recommender.sql import grades


@dataclass(frozen=True)
class Slice:
    """A moment of the past with outcomes; codes of products are those of its own catalogue.

    Attributes:
        moment: seconds; the log holds all before it, the outcomes came from it on.
        log: the interactions before, with only the persons who occur in them.
        catalogue: the products known then.
        persons: int32 (n,), codes of those with history who chose something new.
        outcome: CSR (n, n_products), the highest grade of what each of them chose and had not
            met before; 1 looked at, 2 put into the cart, 3 bought.
        seen: CSR of ones (log.n_persons + 1, n_products), what was met before.
        candidates: bool (n_products,), what was on sale.
    """

    moment: int
    log: InteractionLog
    catalogue: Catalogue
    persons: Codes
    outcome: Sparse
    seen: Sparse
    candidates: Flags


def slices(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, until: int
) -> list[Slice]:
    """The last weeks before a moment, the latest first.

    Args:
        log: interactions.
        catalogue: products.
        params: number and length of slices, most persons of one.
        until: seconds; outcomes from then on are not looked at.
    """
    length = params.ranking_slice_days * SECONDS_A_DAY
    found = []
    for number in range(1, params.ranking_slices + 1):
        moment = until - number * length
        if log.before(moment).n_events == 0:
            break
        found.append(slice_at(log, catalogue, params, moment, moment + length))
    return found


def slice_at(
    log: InteractionLog, catalogue: Catalogue, params: RecommenderParams, moment: int, until: int
) -> Slice:
    """What was known at a moment, and what came of it until another; see ``slices``."""
    events, known, _ = known_at(log, catalogue, moment)
    past = events.before(moment)
    own, code = past.with_own_persons()
    candidates = on_sale_at(moment, past, known, params.on_sale_evidence_days)
    after = events.before(until).from_moment(moment)
    after = after.take((grades(after, params) > 0) & candidates[after.product])
    outcome = _highest(after, grades(after, params))
    outcome = outcome - outcome.multiply(seen_products(past))
    outcome.eliminate_zeros()
    judged = np.flatnonzero((np.diff(outcome.indptr) > 0)[:-1] & (code >= 0))
    if len(judged) > params.ranking_persons:
        draw = np.random.default_rng(params.seed)
        judged = np.sort(draw.choice(judged, params.ranking_persons, replace=False, shuffle=False))
    return Slice(
        moment=moment,
        log=own,
        catalogue=known,
        persons=code[judged],
        outcome=outcome[judged],
        seen=seen_products(own),
        candidates=candidates,
    )


def _highest(log: InteractionLog, grade: Codes) -> Sparse:
    """The highest grade of each pair; CSR (n_persons + 1, n_products)."""
    shape = log.n_persons + 1, log.n_products
    highest = pair_matrix(log.person[:0], log.product[:0], np.empty(0), *shape)
    for value in np.unique(grade):
        of_grade = log.take(grade >= value)
        met = seen_products(of_grade)
        highest = highest.maximum(met.astype(np.float64) * float(value))
    return highest.tocsr()
