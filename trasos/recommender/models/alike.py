"""People alike: what those whose taste is nearest met of late.

User-based neighbours (Resnick et al. 1994), found in the directions of taste that ALS found
strongest (as Sarwar et al. 2000 find them after a singular value decomposition). Factors of
products need weeks of clicks; a product of last week already has friends among people alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.data import InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.models.als import Als
from trasos.recommender.models.model import opinion
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import best_cells
from trasos.recommender.threads import one_blas_thread


@dataclass(frozen=True)
class PeopleAlike:
    """Tastes of all persons, and what some of them met of late.

    Attributes:
        taste: float32 (n_persons + 1, dimensions), length one; zero where nothing is known.
        pool: int32 (n_pool,), rising codes of the persons who may be neighbours.
        lately: float32 CSR (n_pool, n_products), what they met, fading fast.
        neighbours: how many count.
        sharpness: exponent of the cosine.
        name: see ``Model``.
    """

    taste: Floats
    pool: Codes
    lately: Sparse
    neighbours: int
    sharpness: float
    name: str = "people_alike"

    @classmethod
    def fit(cls, als: Als, log: InteractionLog, params: RecommenderParams) -> PeopleAlike:
        """Find the tastes and the latest active persons.

        Args:
            als: factors of the persons of ``log``.
            log: interactions up to now.
            params: dimensions, neighbours, sharpness, half-life and pool.
        """
        lately = person_product(log, log.last_at + 1, params.alike_half_life_days)
        last_at = np.zeros(log.n_persons, np.int64)
        last_at[log.person] = log.event_at  # rows are in time order: the last one stays
        latest = np.lexsort((np.arange(log.n_persons), -last_at))[: params.alike_pool]
        pool = np.sort(latest).astype(np.int32)
        taste = tastes(als, params.alike_dimensions)
        return cls(taste, pool, lately[pool], params.alike_neighbours, params.alike_sharpness)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """The neighbours' mean, weighed by how near they are; see ``Model``."""
        with one_blas_thread():
            nearness = self.taste[persons] @ self.taste[self.pool].T
        nearness[persons[:, None] == self.pool[None, :]] = 0
        nearness = np.where(nearness > 0, nearness, np.float32(-np.inf))
        rows, columns = best_cells(nearness, self.neighbours)
        weight = nearness[rows, columns].astype(np.float64) ** self.sharpness
        total = np.bincount(rows, weights=weight, minlength=len(persons))
        shape = len(persons), len(self.pool)
        share = csr_array((weight / total[rows], (rows, columns)), shape=shape)
        return opinion((share @ self.lately).toarray())

    def score_items(self, items: Codes) -> Floats:
        """What those who met a seed product of late met besides; see ``Model``."""
        return opinion((self.lately[:, items].T.tocsr() @ self.lately).toarray())


def tastes(als: Als, dimensions: int) -> Floats:
    """Persons in the directions that move the scores of ALS most.

    The scores are U V'. With V'V = Q diag(e) Q' two persons' rows of scores have the inner product
    of their U Q diag(e)^1/2, so the largest e tell most of how alike ALS takes them to be. The
    rest is mostly noise: fewer dimensions find better neighbours.

    Args:
        als: factors U of persons and V of products.
        dimensions: how many directions.

    Returns:
        float32 (n_persons + 1, dimensions), rows of length one or zero.
    """
    items = als.item_factors.astype(np.float64)
    with one_blas_thread():
        strength, directions = np.linalg.eigh(items.T @ items)
        kept = directions[:, -dimensions:] * np.sqrt(np.maximum(strength[-dimensions:], 0))
        found = als.person_factors.astype(np.float64) @ kept
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.where(length > 0, length, 1), np.float32)
