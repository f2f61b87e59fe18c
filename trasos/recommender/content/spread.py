"""Ties broken by chance: what content cannot tell apart is shown in turn, not by its number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.models.chance import mix
from trasos.recommender.models.model import Model

NARROW = 1e-3
"""Share of a score that chance may add: it orders what is level, and little else."""


@dataclass(frozen=True)
class Spread:
    """Another model's scores, those of one person a little apart.

    All dresses of one category have the same score for a model of categories. Lists break ties by
    the product's number, so that all persons would see the same few. The draw hangs on seed,
    person and product alone; neither batches nor threads change it.

    Attributes:
        model: whose ties are broken.
        seed: of the draws.
    """

    model: Model
    seed: int

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """See ``Model``."""
        return self._spread(self.model.score_persons(persons, allowed), persons)

    def score_items(self, items: Codes) -> Floats:
        """See ``Model``."""
        return self._spread(self.model.score_items(items), items)

    def _spread(self, scores: Floats, rows: Codes) -> Floats:
        seed = mix(np.array([self.seed], np.uint64))
        start = mix(np.add(rows.astype(np.int64).astype(np.uint64), seed))
        products = np.arange(scores.shape[1], dtype=np.uint64)
        bits = mix(np.add(start[:, None], products[None, :])) >> np.uint64(40)
        factor = np.float32(1) + np.float32(NARROW) * (
            bits.astype(np.float32) / np.float32(1 << 24)
        )
        return np.asarray(scores * factor, np.float32)
