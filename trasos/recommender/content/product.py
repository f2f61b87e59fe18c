"""Several models' scores multiplied, each to a power of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.models.blend import normalised
from trasos.recommender.models.model import Model, opinion


@dataclass(frozen=True)
class Product:
    """A weighted geometric mean but for its root: who scores low with one part scores low in all.

    Attributes:
        models: the parts.
        powers: exponent of each part, see ``fit_powers``; above 0 where ``least`` is 0.
        least: added to each part's scores after their largest is made one. Above 0, a part without
            an opinion leaves the others theirs; at 0, where one has none, the product has none, and
            scores stay as they are.
        name: see ``Model``.
    """

    models: tuple[Model, ...]
    powers: tuple[float, ...]
    least: float = 0.0
    name: str = "product"

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """See ``Model``."""
        blocks = [model.score_persons(persons, allowed) for model in self.models]
        return self._multiplied(blocks, allowed)

    def score_items(self, items: Codes) -> Floats:
        """See ``Model``."""
        blocks = [model.score_items(items) for model in self.models]
        allowed = np.ones(blocks[0].shape, np.bool_)
        allowed[np.arange(len(items)), items] = False
        return self._multiplied(blocks, allowed)

    def _multiplied(self, blocks: list[Floats], allowed: Flags) -> Floats:
        product = np.ones(blocks[0].shape, np.float32)
        is_known = np.zeros(product.shape, np.bool_)
        for block, power in zip(blocks, self.powers, strict=True):
            product *= raised_least(block, allowed, self.least) ** np.float32(power)
            is_known |= block > 0
        return opinion(np.where(is_known, product, np.float32(0)))


def raised_least(scores: Floats, allowed: Flags, least: float) -> Floats:
    """What a ``Product`` raises to a power: scores, above zero wherever ``least`` is.

    Args:
        scores: float32 of shape (b, n_products), of one part.
        allowed: bool of the same shape.
        least: see ``Product``.
    """
    if least == 0:
        return np.maximum(scores, np.float32(0))
    return normalised(scores, allowed) + np.float32(least)
