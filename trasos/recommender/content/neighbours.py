"""Ranking by content alone: what resembles what a person met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
        return opinion(_dense(self.profiles[persons] @ self.content.T))

    def score_items(self, items: Codes) -> Floats:
        """Cosines of the products' own content; see ``Model``."""
        return opinion(_dense(self.content[items] @ self.content.T))


def _dense(scores: Any) -> Floats:
    return np.asarray(scores.toarray(), np.float32)
