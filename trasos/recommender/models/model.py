"""What every model offers, and how its scores say "no opinion"."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.rank import Rung

NO_OPINION = np.float32(-np.inf)
"""The score of a product that a model knows nothing about; the fallback ladder takes over."""


class Model(Protocol):
    """A fitted model: frozen, so that the same question has the same answer.

    Scores are float32 blocks, one row a question and one column a product of the catalogue;
    higher is better, ``NO_OPINION`` where the model has none. Only the order within a row means
    something. Callers ask in batches, see ``trasos.recommender.rank.batches``.
    """

    @property
    def name(self) -> str:
        """How rows of evaluation and answers call the model."""
        ...

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Score the catalogue for persons.

        Args:
            persons: codes of shape (b,); -1 is a person without history.
            allowed: shape (b, n_products), what may be recommended. Scores elsewhere are not
                looked at; only models that normalise over the possible answers need it.

        Returns:
            float32 of shape (b, n_products).
        """
        ...

    def score_items(self, items: Codes) -> Floats:
        """Score the catalogue by how well each product goes with a seed product.

        Args:
            items: product codes of shape (b,).

        Returns:
            float32 of shape (b, n_products); the seed's own column means nothing.
        """
        ...


def opinion(scores: Floats) -> Floats:
    """Scores with ``NO_OPINION`` wherever they are not above zero."""
    return np.where(scores > 0, scores, NO_OPINION).astype(np.float32)


def for_persons(model: Model, persons: Codes, allowed: Flags) -> Rung:
    """A model as a rung of the ladder of a batch of persons."""

    def rung(rows: NDArray[np.intp]) -> Floats:
        return model.score_persons(persons[rows], allowed[rows])

    return rung


def for_items(model: Model, items: Codes) -> Rung:
    """A model as a rung of the ladder of a batch of products."""

    def rung(rows: NDArray[np.intp]) -> Floats:
        return model.score_items(items[rows])

    return rung
