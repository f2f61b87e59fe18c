"""The blend: each model's scores over their maximum for the person, weighed and added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.models.model import Model, opinion


@dataclass(frozen=True)
class Blend:
    """A weighted sum of models.

    Attributes:
        models: the parts.
        weights: one share a part, each in [0, 1].
        name: see ``Model``.
    """

    models: tuple[Model, ...]
    weights: tuple[float, ...]
    name: str = "blend"

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """The sum of the parts; see ``Model``."""
        return opinion(add(self.parts(persons, allowed)))

    def parts(self, persons: Codes, allowed: Flags) -> list[Floats]:
        """What each model contributes: float32 blocks in [0, weight], in the models' order."""
        return [
            np.float32(weight) * normalised(model.score_persons(persons, allowed), allowed)
            if weight > 0
            else np.zeros(allowed.shape, np.float32)
            for model, weight in zip(self.models, self.weights, strict=True)
        ]

    def score_items(self, items: Codes) -> Floats:
        """The sum of the parts' scores of products; see ``Model``."""
        blocks = [model.score_items(items) for model in self.models]
        allowed = np.ones(blocks[0].shape, np.bool_)
        allowed[np.arange(len(items)), items] = False
        return opinion(
            add(
                [
                    np.float32(weight) * normalised(block, allowed)
                    for block, weight in zip(blocks, self.weights, strict=True)
                ]
            )
        )


def add(parts: Sequence[Floats]) -> Floats:
    """Sum blocks in their order, in float32."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def normalised(scores: Floats, allowed: Flags) -> Floats:
    """Scores over their largest allowed one, row by row: in [0, 1], zero where not allowed.

    Args:
        scores: float32 of shape (b, n_products); negative and missing ones become zero.
        allowed: of the same shape, or one that broadcasts to it.
    """
    positive = np.where(allowed & (scores > 0), scores, np.float32(0))
    largest = positive.max(axis=1, keepdims=True, initial=0)
    return np.asarray(positive / np.where(largest > 0, largest, np.float32(1)), np.float32)
