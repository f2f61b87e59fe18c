"""Co-visitation: products that are looked at one after the other go together.

Within a session each pair of products counts the more the closer they stand, the later they were
seen and the more their events weigh; forward pairs count fully, backward pairs less. Pairs across
the sessions of one person join with a small factor, which helps where sessions are short. The
same idea, per pair of products in a session, carries the baselines of Hidasi et al. 2016 (item-kNN)
and Ludewig and Jannach 2018 (sequential rules).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Moments, Sparse
from trasos.recommender.data import InteractionLog
from trasos.recommender.decay import decayed
from trasos.recommender.matrix import pair_matrix, strongest
from trasos.recommender.models.model import opinion
from trasos.recommender.params import RecommenderParams


@dataclass(frozen=True)
class CoVisitation:
    """Weighted pairs of products, and what each person met of late.

    Attributes:
        pairs: float32 CSR (n_products, n_products) without diagonal: row, then column.
        history: float32 CSR (n_persons + 1, n_products), weight of each product a person met.
        name: see ``Model``.
    """

    pairs: Sparse
    history: Sparse
    name: str = "covisitation"

    @classmethod
    def fit(cls, log: InteractionLog, params: RecommenderParams, as_of: int) -> CoVisitation:
        """Count pairs over the interactions before a moment.

        Args:
            log: interactions.
            params: window, decays and factors.
            as_of: seconds; rows at or after it do not count.
        """
        past = log.before(as_of)
        weight = decayed(past.weight, past.event_at, as_of, params.half_life_days)
        in_session = past.session >= 0
        pairs = _count_pairs(
            _distinct(past.take(in_session), past.session[in_session], weight[in_session]),
            params,
            log.n_products,
        )
        of_person = _distinct(past, past.person.astype(np.int64), weight)
        if params.covisitation_history > 0:
            across = _count_pairs(of_person, params, log.n_products)
            pairs = pairs + params.covisitation_history * across
        return cls(
            pairs=_kept(pairs, params).astype(np.float32),
            history=recent_products(past, params),
        )

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Sum the pairs of what each person met, later products first; see ``Model``."""
        return opinion((self.history[persons] @ self.pairs).toarray())

    def score_items(self, items: Codes) -> Floats:
        """The pairs of each seed product; see ``Model``."""
        return opinion(self.pairs[items].toarray())


@dataclass(frozen=True)
class Visits:
    """Distinct (group, product) pairs in the order of first sight; groups stand together.

    Attributes:
        group: int64, session or person.
        product: int32 codes.
        weight: float64, base weight times decay.
    """

    group: Moments
    product: Codes
    weight: Doubles


def _distinct(log: InteractionLog, group: Moments, weight: Doubles) -> Visits:
    """Keep each product once a group, at its first sight and with its largest weight.

    Rows of the log are in time order, so a stable sort keeps first sights first.
    """
    order = np.lexsort((np.arange(len(group)), log.product, group))
    group, product = group[order], log.product[order]
    is_first = np.ones(len(group), np.bool_)
    is_first[1:] = (group[1:] != group[:-1]) | (product[1:] != product[:-1])
    starts = np.flatnonzero(is_first)
    if len(starts) == 0:
        return Visits(group, product, weight[order])
    largest = np.maximum.reduceat(weight[order], starts)
    by_time = np.lexsort((order[starts], group[starts]))
    return Visits(group[starts][by_time], product[starts][by_time], largest[by_time])


def session_pairs(visits: Visits, params: RecommenderParams, n_products: int) -> Sparse:
    """The pairs of sessions alone, damped and cut as ``CoVisitation`` does it.

    Args:
        visits: products by session.
        params: window, decays and factors.
        n_products: products of the catalogue.

    Returns:
        float64 CSR (n_products, n_products).
    """
    return _kept(_count_pairs(visits, params, n_products), params)


def _kept(pairs: Sparse, params: RecommenderParams) -> Sparse:
    """Pairs with the popular damped, the strongest of each row."""
    damped = _damp_popular(pairs, params.covisitation_popularity_power)
    return strongest(damped, params.covisitation_neighbours)


def _count_pairs(visits: Visits, params: RecommenderParams, n_products: int) -> Sparse:
    """Add up the pairs at distance 1, 2, ... window; float64 CSR (n_products, n_products)."""
    total: Sparse = csr_array((n_products, n_products), dtype=np.float64)
    for gap in range(1, params.covisitation_window + 1):
        together = np.flatnonzero(visits.group[gap:] == visits.group[:-gap])
        if len(together) == 0:
            break
        earlier, later = visits.product[together], visits.product[together + gap]
        closeness = params.covisitation_gap_decay ** (gap - 1)
        weights = visits.weight[together], visits.weight[together + gap]
        # What follows is weighed by the event it led to: an order after a view says more.
        total = total + pair_matrix(earlier, later, closeness * weights[1], n_products, n_products)
        if params.covisitation_backward > 0:
            back = params.covisitation_backward * closeness * weights[0]
            total = total + pair_matrix(later, earlier, back, n_products, n_products)
    return total


def _damp_popular(pairs: Sparse, power: float) -> Sparse:
    """Divide each column by a power of its sum."""
    popularity = np.asarray(pairs.sum(axis=0)).ravel()
    damping = np.ones_like(popularity)
    damping[popularity > 0] = popularity[popularity > 0] ** -power
    damped = pairs.tocsr(copy=True)
    damped.data *= damping[damped.indices]
    return damped


def recent_products(log: InteractionLog, params: RecommenderParams) -> Sparse:
    """Each person's latest distinct products, fading by ``history_decay`` a product.

    Returns:
        float32 CSR of shape (n_persons + 1, n_products).
    """
    newest_first = log.take(slice(None, None, -1))
    visits = _distinct(
        newest_first, newest_first.person.astype(np.int64), newest_first.weight.astype(np.float64)
    )
    person = visits.group.astype(np.int32)
    starts = np.searchsorted(person, person, side="left")
    rank = np.arange(len(person)) - starts
    kept = rank < params.history_length
    # The root keeps an order of weight 8 from drowning everything looked at since.
    weight = np.sqrt(visits.weight) * params.history_decay**rank
    shape = (log.n_persons + 1, log.n_products)
    history = pair_matrix(person[kept], visits.product[kept], weight[kept], *shape)
    return history.astype(np.float32)
