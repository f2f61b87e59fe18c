"""Ranking by content alone: what resembles what a person met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.content.features import ContentFeatures, unit_rows
from trasos.recommender.models.model import opinion


@dataclass(frozen=True)
class ContentNeighbours:
    """Cosine between a product and the weighted mean of what a person met (Rocchio 1971).

    Attributes:
        content: float32 CSR of shape (n_products, n_features), rows of length one.
        profiles: float32 CSR of shape (n_persons + 1, n_features), rows of length one; the last
            row, for persons without history, is empty.
        name: see ``Model``.
    """

    content: Sparse
    profiles: Sparse
    name: str = "content_neighbours"

    @classmethod
    def fit(cls, features: ContentFeatures, matrix: Sparse) -> ContentNeighbours:
        """Add up the content of what each person met.

        Args:
            features: of all products.
            matrix: person x product weights, shape (n_persons + 1, n_products), last row empty.
        """
        content = features.unit()
        return cls(content, unit_rows(matrix @ content))

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Cosines where they are above zero; see ``Model``."""
        return opinion(self._cosines(self.profiles[persons]))

    def score_items(self, items: Codes) -> Floats:
        """Cosines of the products' own content; see ``Model``."""
        return opinion(self._cosines(self.content[items]))

    def _cosines(self, wanted: Sparse) -> Floats:
        """With every product; a sparse matrix times a dense one, as text and sizes fill rows."""
        return np.asarray((self.content @ wanted.toarray().T).T, np.float32)
