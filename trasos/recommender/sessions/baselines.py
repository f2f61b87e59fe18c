"""What the neighbours of a session have to beat: popularity and co-visitation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Sparse
from trasos.recommender.models.covisitation import Visits, session_pairs
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sessions.clicks import Clicks, Running
from trasos.recommender.sessions.knn import first_visits


@dataclass(frozen=True)
class NoOpinion:
    """Knows nothing, so that the slot falls back on what is popular.

    Attributes:
        n_products: products of the catalogue.
        name: see ``SessionModel``.
    """

    n_products: int
    name: str = "popular"

    def score(self, running: Running) -> Sparse:
        """Nothing; see ``SessionModel``."""
        return csr_array((running.n_rows, self.n_products), dtype=np.float64)


@dataclass(frozen=True)
class SessionPairs:
    """The shop's co-visitation, asked for a session instead of a person.

    Attributes:
        pairs: float64 CSR (n_products, n_products).
        decay: factor a product back in the running session.
        name: see ``SessionModel``.
    """

    pairs: Sparse
    decay: float
    name: str = "covisitation"

    @property
    def n_products(self) -> int:
        """Products of the catalogue."""
        return int(self.pairs.shape[0])

    @classmethod
    def fit(cls, clicks: Clicks, params: RecommenderParams) -> SessionPairs:
        """Count pairs over finished sessions; every click weighs the same, whatever its age.

        Args:
            clicks: sessions.
            params: window, decays and damping, as for persons.
        """
        session, product, _ = first_visits(clicks)
        visits = Visits(session, product, np.ones(len(session)))
        return cls(session_pairs(visits, params, clicks.n_products), params.history_decay)

    def score(self, running: Running) -> Sparse:
        """Sum the pairs of the session's products, later ones first; see ``SessionModel``."""
        known = running.product >= 0
        weight = self.decay ** running.recency[known]
        products: Codes = running.product[known]
        shape = (running.n_rows, self.n_products)
        scores = csr_array((weight, (running.row[known], products)), shape=shape) @ self.pairs
        scores.sort_indices()
        return scores


def by_popularity(clicks: Clicks) -> Codes:
    """All products, the one in most sessions first; ties go to the lower code."""
    _, product, _ = first_visits(clicks)
    n_sessions = np.bincount(product, minlength=clicks.n_products)
    return np.argsort(-n_sessions, kind="stable").astype(np.int32)
