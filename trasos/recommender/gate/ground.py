"""The ground on which models meet: the held-out days, the persons judged and their slices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Doubles, Flags
from trasos.recommender.evaluate import slices
from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.metrics import hits_of, ndcg
from trasos.recommender.params import RecommenderParams
from trasos.recommender.split import Split

K = 10


@dataclass(frozen=True)
class Ground:
    """What all contenders are judged on alike.

    Attributes:
        split: the held-out days.
        persons: bool (n_persons,) by slice of persons: ``warm``, ``heavy``, ``all``.
        products: bool (n_products,) by slice of products: ``cold``, ``tail``.
    """

    split: Split
    persons: dict[str, Flags]
    products: dict[str, Flags]

    @classmethod
    def of(cls, split: Split, params: RecommenderParams, bounds: GateBounds) -> Ground:
        """Find who and what belongs to which slice."""
        return cls(split, slices(split, params), product_slices(split, bounds.tail_share))

    def ndcg(self, items: Codes) -> Doubles:
        """NDCG@10 of each judged person; shape (n_persons,).

        Args:
            items: int32 (n_persons, depth), a contender's lists.
        """
        split = self.split
        return ndcg(hits_of(items, split.relevant), split.n_relevant, K)

    def ndcg_of_products(self, items: Codes, name: str) -> Doubles:
        """NDCG@10 where only products of a slice count as relevant.

        Args:
            items: as in ``ndcg``.
            name: of the slice.

        Returns:
            One value for each person who chose such a product.
        """
        wanted = self.products[name].astype(np.float32)
        relevant = self.split.relevant.multiply(wanted[None, :]).tocsr()
        relevant.eliminate_zeros()
        relevant.sort_indices()
        n_relevant = np.diff(relevant.indptr).astype(np.int32)
        rows = np.flatnonzero(n_relevant)
        return ndcg(hits_of(items[rows], relevant[rows]), n_relevant[rows], K)


def product_slices(split: Split, tail_share: float) -> dict[str, Flags]:
    """Which products are cold or of the tail.

    Args:
        split: its training says how many persons met each product.
        tail_share: the tail is made of the least met products that together hold at most this
            share of all pairs of a person and a product.

    Returns:
        bool (n_products,) each; a product that nobody met is cold, not tail.
    """
    n_met = np.bincount(split.seen.indices, minlength=len(split.candidates))
    order = np.lexsort((np.arange(len(n_met)), n_met))
    within = np.cumsum(n_met[order]) <= tail_share * n_met.sum()
    tail = np.zeros(len(n_met), np.bool_)
    tail[order[within]] = True
    cold = n_met == 0
    return {"cold": cold, "tail": tail & ~cold}
