"""Several models' scores multiplied, each to a power of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.models.model import Model, opinion


@dataclass(frozen=True)
class Product:
    """A weighted geometric mean but for its root: who scores low with one part scores low in all.

    Attributes:
        models: the parts; where one has no opinion, the product has none.
        powers: exponent of each part, above 0.
        name: see ``Model``.
    """

    models: tuple[Model, ...]
    powers: tuple[float, ...]
    name: str = "product"

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """See ``Model``."""
        return self._multiplied([model.score_persons(persons, allowed) for model in self.models])

    def score_items(self, items: Codes) -> Floats:
        """See ``Model``."""
        return self._multiplied([model.score_items(items) for model in self.models])

    def _multiplied(self, blocks: list[Floats]) -> Floats:
        product = np.ones(blocks[0].shape, np.float32)
        for block, power in zip(blocks, self.powers, strict=True):
            product *= np.maximum(block, 0) ** np.float32(power)
        return opinion(product)
