"""Sources of candidates that are plain counting: their SQL lies beside this file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.matrix import pair_matrix
from trasos.recommender.models.model import NO_OPINION, opinion
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sql import Events

HERE = "trasos.recommender.candidates"


@dataclass(frozen=True)
class Trending:
    """What draws more people than before, within the person's main department.

    Attributes:
        score: float32 (n_products,), zero for what nobody met of late.
        department: int32 (n_products,).
        main_department: int32 (n_persons + 1,), -1 for persons without history: all departments.
        name: see ``Model``.
    """

    score: Floats
    department: Codes
    main_department: Codes
    name: str = "trending"

    @classmethod
    def at(
        cls,
        events: Events,
        as_of: int,
        params: RecommenderParams,
        department: Codes,
        main_department: Codes,
    ) -> Trending:
        """Count the days before a moment beside those before them."""
        found = events.query(HERE, "trending", {"as_of": as_of, "days": params.trend_days})
        score = np.zeros(len(department), np.float32)
        score[found["product"]] = found["score"]
        return cls(score, department, main_department)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """The same for all of a department; see ``Model``."""
        home = self.main_department[persons][:, None]
        at_home = (self.department[None, :] == home) | (home < 0)
        return np.where(at_home, opinion(self.score)[None, :], NO_OPINION)

    def score_items(self, items: Codes) -> Floats:
        """What trends in each seed product's department; see ``Model``."""
        same = self.department[items][:, None] == self.department[None, :]
        return np.where(same, opinion(self.score)[None, :], NO_OPINION)


@dataclass(frozen=True)
class Favourites:
    """What is popular in the categories that a person turns to.

    Attributes:
        share: float32 CSR (n_persons + 1, n_categories), of each category in what a person did.
        popularity: float32 (n_products,).
        category: int32 (n_products,).
        name: see ``Model``.
    """

    share: Sparse
    popularity: Floats
    category: Codes
    name: str = "favourite_categories"

    @classmethod
    def at(
        cls,
        events: Events,
        as_of: int,
        params: RecommenderParams,
        popularity: Floats,
        category: Codes,
        n_persons: int,
    ) -> Favourites:
        """Sum up each person's categories before a moment."""
        found = events.query(HERE, "favourites", _fading(as_of, params))
        shape = n_persons + 1, int(category.max(initial=-1)) + 1
        share = pair_matrix(found["person"], found["category"], found["share"], *shape)
        return cls(share.astype(np.float32), popularity, category)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Share of the category times popularity; see ``Model``."""
        return opinion(self.share[persons].toarray()[:, self.category] * self.popularity[None, :])

    def score_items(self, items: Codes) -> Floats:
        """What is popular in each seed product's category; see ``Model``."""
        same = self.category[items][:, None] == self.category[None, :]
        return np.where(same, opinion(self.popularity)[None, :], NO_OPINION)


@dataclass(frozen=True)
class Reminders:
    """What a person looked at or left in the cart, the latest first.

    For a slot that shows only what is new to a person it brings nothing, by its policy.

    Attributes:
        score: float32 CSR (n_persons + 1, n_products).
        name: see ``Model``.
    """

    score: Sparse
    name: str = "reminders"

    @classmethod
    def at(
        cls, events: Events, as_of: int, params: RecommenderParams, n_persons: int, n_products: int
    ) -> Reminders:
        """Find what was left before a moment."""
        found = events.query(HERE, "reminders", _fading(as_of, params))
        shape = n_persons + 1, n_products
        score = pair_matrix(found["person"], found["product"], found["score"], *shape)
        return cls(score.astype(np.float32))

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """What each person left; see ``Model``."""
        return opinion(self.score[persons].toarray())

    def score_items(self, items: Codes) -> Floats:
        """Nothing: a product leaves nothing behind; see ``Model``."""
        return np.full((len(items), self.score.shape[1]), NO_OPINION)


def _fading(as_of: int, params: RecommenderParams) -> dict[str, float]:
    return {"as_of": as_of, "half_life_days": params.half_life_days}
