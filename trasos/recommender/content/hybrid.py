"""Cold items among warm ones: what models learnt from clicks, times what content says."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        of_new: what content says of products that have a floor, where it is another model; with
            no clicks to lean on they want a sharper one.
        name: see ``Model``.
    """

    base: Model
    content: Model
    floor: Floats
    strength: float = 1.0
    of_new: Model | None = None
    name: str = "hybrid"

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Scores in the order of their product; see ``Model``."""
        scores = normalised(self.base.score_persons(persons, allowed), allowed)
        return self._lifted(scores, self.lift_persons(persons, allowed))

    def lift_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """What scores are multiplied with; arguments as in ``score_persons``."""
        lift = self.content.score_persons(persons, allowed) ** np.float32(self.strength)
        if self.of_new is not None:
            new = np.flatnonzero(self.floor > 0)
            lift[:, new] = np.maximum(self.of_new.score_persons(persons, allowed)[:, new], 0)
        return np.asarray(lift, np.float32)

    def score_items(self, items: Codes) -> Floats:
        """As for persons, beside products; see ``Model``."""
        allowed = np.ones((len(items), len(self.floor)), np.bool_)
        allowed[np.arange(len(items)), items] = False
        scores = normalised(self.base.score_items(items), allowed)
        lift = self.content.score_items(items) ** np.float32(self.strength)
        if self.of_new is not None:
            new = np.flatnonzero(self.floor > 0)
            lift[:, new] = np.maximum(self.of_new.score_items(items)[:, new], 0)
        return self._lifted(scores, lift)

    def _lifted(self, scores: Floats, lift: Floats) -> Floats:
        raised = np.maximum(scores, self.floor[None, :])
        return opinion(raised * lift)


def level_for_share(
    hybrid: Hybrid, persons: Codes, allowed: Flags, is_new: Flags, share: float, n: int
) -> float:
    """The level at which new products fill a share of the places of some persons' lists.

    A level means little by itself: how far the best-known product stands above the rest changes
    with the season. The share of places is what a shop decides, and no outcome is needed to find
    the level that gives it: for the j-th new product to stand in a list of n, it has to reach the
    score of the (n + 1 - j)-th known one; the level is a quantile of what that takes.

    Args:
        hybrid: its base and content; its own floor is not looked at.
        persons: int32 codes of some persons with history, shape (b,).
        allowed: bool (b, n_products), what may be recommended.
        is_new: bool (n_products,), products that the base knows nothing of.
        share: of all places of these lists, in (0, 1).
        n: length of the lists.

    Returns:
        The level; 0 where there is nothing new.
    """
    scores = normalised(hybrid.base.score_persons(persons, allowed), allowed)
    raised = replace(hybrid, floor=is_new.astype(np.float32))
    lift = raised.lift_persons(persons, allowed)
    known = _best(np.where(is_new, 0, scores * lift), n)
    new = _best(np.where(allowed & is_new, lift, 0), n)
    takes = np.divide(known[:, ::-1], new, out=np.full(new.shape, np.inf, new.dtype), where=new > 0)
    place = int(share * takes.size)
    level = float(np.sort(takes, axis=None)[min(place, takes.size - 1)])
    return level if np.isfinite(level) else 0.0


def _best(scores: Floats, n: int) -> Floats:
    """The n largest of each row, falling; zeros where there are fewer."""
    if scores.shape[1] > n:
        scores = np.partition(scores, scores.shape[1] - n, axis=1)[:, -n:]
    best = np.sort(scores, axis=1)[:, ::-1]
    return np.pad(best, ((0, 0), (0, n - best.shape[1])))


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
