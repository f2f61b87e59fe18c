"""What every model of sessions offers."""

from __future__ import annotations

from typing import Protocol

from trasos.recommender.arrays import Sparse
from trasos.recommender.sessions.clicks import Running


class SessionModel(Protocol):
    """A fitted model of sessions: frozen, so that the same question has the same answer."""

    @property
    def name(self) -> str:
        """How tables call the model."""
        ...

    @property
    def n_products(self) -> int:
        """Products of the catalogue."""
        ...

    def score(self, running: Running) -> Sparse:
        """Score products for running sessions.

        Args:
            running: sessions of the same catalogue.

        Returns:
            float64 CSR (n_rows, n_products), indices sorted. Only the order within a row means
            something; a product without a positive score is one the model knows nothing about.
        """
        ...
