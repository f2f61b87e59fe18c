"""Cold items among warm ones: what models learnt from clicks, times what content says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats
from trasos.recommender.models.blend import normalised
from trasos.recommender.models.model import Model, opinion


@dataclass(frozen=True)
class Hybrid:
    """Another model's scores, with a floor for products that few have met, times a lift.

    A model of clicks gives a product that nobody met nothing, and no lift can mend that: such a
    product starts at ``level`` of the person's best score, and its floor sinks as it is met.

    Attributes:
        base: model of clicks.
        content: gives lifts around one, a ``ContentLift``.
        floor: float32 (n_products,), least share of the best score, see ``floors``.
        strength: exponent of the lift; 0 leaves content out.
        name: see ``Model``.
    """

    base: Model
    content: Model
    floor: Floats
    strength: float = 1.0
    name: str = "hybrid"

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Scores in the order of their product; see ``Model``."""
        scores = normalised(self.base.score_persons(persons, allowed), allowed)
        return self._lifted(scores, self.content.score_persons(persons, allowed))

    def score_items(self, items: Codes) -> Floats:
        """As for persons, beside products; see ``Model``."""
        allowed = np.ones((len(items), len(self.floor)), np.bool_)
        allowed[np.arange(len(items)), items] = False
        scores = normalised(self.base.score_items(items), allowed)
        return self._lifted(scores, self.content.score_items(items))

    def _lifted(self, scores: Floats, lift: Floats) -> Floats:
        raised = np.maximum(scores, self.floor[None, :])
        return opinion(raised * lift ** np.float32(self.strength))


def floors(met: Doubles, level: float, prior: float) -> Floats:
    """Least share of a person's best score for each product.

    Args:
        met: float64 (n_products,), persons who met it.
        level: of a product that nobody met, in [0, 1].
        prior: persons after whom the floor is half of that; 0: it is gone with the first.

    Returns:
        float32 (n_products,): level * prior / (prior + met).
    """
    if prior == 0:
        return np.where(met == 0, level, 0.0).astype(np.float32)
    return np.asarray(level * prior / (prior + met), np.float32)
