"""The models that meet on the rentals: pure ones, and the hybrid of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np

from bench.recommender.cold import Case
from trasos.recommender.arrays import Codes, Doubles
from trasos.recommender.content import (
    ContentFeatures,
    ContentLift,
    ContentMap,
    ContentNeighbours,
    Hybrid,
    floors,
    with_cold_items,
)
from trasos.recommender.content.attributes import weighted_values
from trasos.recommender.data import InteractionLog
from trasos.recommender.matrix import pair_matrix, person_product, seen_products
from trasos.recommender.models.als import Als
from trasos.recommender.models.blend import Blend
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular
from trasos.recommender.params import RecommenderParams

SIZE_DRAW = 10.0
"""Rentals by which everybody's sizes count in those of a dress that few rented."""


@dataclass(frozen=True)
class Settings:
    """Everything that is chosen on validation.

    Attributes:
        popular_days: half-life of popularity.
        als_days: half-life of what ALS learns from.
        covisitation_days: half-life of pairs.
        als_regularization: see ``RecommenderParams``.
        als_factors: see ``RecommenderParams``.
        content: which model stands for content alone.
        weights: of popularity, ALS and co-visitation in the hybrid's base.
        blocks: of content that lift a person's scores in the hybrid.
        smoothing: rentals by which everybody's shares count in a person's.
        strength: exponent of the lift.
        level: where a cold dress starts, as a share of a person's best score.
        ridge: of the map from content to factors.
        scale: of mapped factors.
    """

    PURE: ClassVar = ("popular", "covisitation", "als", "content")

    popular_days: float = 30
    als_days: float = 60
    covisitation_days: float = 60
    als_regularization: float = 30
    als_factors: int = 32
    content: str = "neighbours"
    weights: tuple[float, float, float] = (1.0, 0.0, 0.0)
    blocks: tuple[str, ...] = ("category", "size")
    smoothing: float = 3
    strength: float = 1
    level: float = 0.05
    ridge: float = 10
    scale: float = 2

    def described(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


def popular(case: Case, settings: Settings) -> Popular:
    """What was rented of late."""
    return Popular.fit(person_product(case.train, case.as_of, settings.popular_days))


def als(case: Case, settings: Settings) -> Als:
    """Factors."""
    matrix = person_product(case.train, case.as_of, settings.als_days)
    params = RecommenderParams(als_factors=settings.als_factors)
    return Als.fit(matrix, params, regularization=settings.als_regularization)


def covisitation(case: Case, settings: Settings) -> CoVisitation:
    """Pairs over a person's rentals; there are no sessions."""
    params = RecommenderParams(half_life_days=settings.covisitation_days, covisitation_history=1.0)
    return CoVisitation.fit(case.train, params, case.as_of)


@dataclass(frozen=True)
class Fitted:
    """What was learnt from one case.

    Attributes:
        case: the case.
        settings: with which.
        popular: popularity.
        covisitation: pairs over histories.
        als: factors.
        features: category, and where wanted sizes.
        own: counts of persons themselves: the sizes that they took, where dresses have sizes.
    """

    case: Case
    settings: Settings
    popular: Popular
    covisitation: CoVisitation
    als: Als
    features: ContentFeatures
    own: dict[str, Any]

    @classmethod
    def fit(
        cls,
        case: Case,
        past: InteractionLog,
        category: Codes,
        settings: Settings,
        *,
        sizes: bool,
    ) -> Fitted:
        """Learn from what is left of the past.

        The sizes that a dress comes in are the shop's to know before anybody rents it. Here they
        can only be read off its rentals before the split, so for dresses first rented later
        there are none.

        Args:
            case: gives what may be learnt from.
            past: all rentals before the split, those of cold dresses too, for sizes alone.
            category: int32 (n_products,).
            settings: tunables.
            sizes: whether dresses have sizes.
        """
        train = case.train
        blocks: dict[str, Any] = {"category": weighted_values(category, 1)}
        own: dict[str, Any] = {}
        if sizes:
            # A size code is the event's type; the types of the past are those of the training.
            n_sizes = len(past.event_types)
            blocks["size"] = _size_shares(past, n_sizes)
            ones = np.ones(train.n_events)
            shape = train.n_persons + 1, n_sizes
            own["size"] = pair_matrix(train.person, train.event_type, ones, *shape)
        features = ContentFeatures.of(blocks, train.n_products)
        return cls(
            case,
            settings,
            popular(case, settings),
            covisitation(case, settings),
            als(case, settings),
            features,
            own,
        )

    @property
    def base(self) -> Blend:
        """The hybrid's part that knows clicks alone."""
        parts: tuple[Model, ...] = (self.popular, self.als, self.covisitation)
        return Blend(parts, self.settings.weights)

    def content(self, kind: str) -> Model:
        """A model of content alone.

        Args:
            kind: neighbours, neighbours_by_category, lift, lift_by_category or map.
        """
        seen = seen_products(self.case.train)
        by_category = self.features.only("category")
        if kind == "neighbours":
            return ContentNeighbours.fit(self.features, seen)
        if kind == "neighbours_by_category":
            return ContentNeighbours.fit(by_category, seen)
        if kind == "lift":
            return self.lift(self.features.names)
        if kind == "lift_by_category":
            return self.lift(("category",))
        return self.mapped().model(self.als, 1.0)

    def lift(self, blocks: Sequence[str]) -> ContentLift:
        """How much more a person takes to what a dress is than people do.

        Args:
            blocks: of content; those that there are count.
        """
        there = [name for name in blocks if name in self.features.names]
        smoothing = dict.fromkeys(there, self.settings.smoothing)
        return ContentLift.fit(self.features, seen_products(self.case.train), smoothing, self.own)

    def mapped(self) -> ContentMap:
        """Factors that content gives every dress."""
        weight: Doubles = self.case.met()
        return ContentMap.fit(self.features, self.als.item_factors, weight, self.settings.ridge)

    def hybrid(self) -> Hybrid:
        """Clicks times lifts, with a floor for cold dresses."""
        floor = floors(self.case.met(), self.settings.level, 0)
        return Hybrid(self.base, self.lift(self.settings.blocks), floor, self.settings.strength)

    def als_mapped(self) -> Als:
        """ALS, its cold dresses where content puts them."""
        met = self.case.met()
        return with_cold_items(self.als, self.mapped(), met, self.settings.scale, prior=0)

    def ladders(self) -> dict[str, tuple[Model, ...]]:
        """All models by name; popularity fills what one leaves open."""
        hybrid = self.hybrid()
        models: dict[str, Model] = {
            "popular": self.popular,
            "covisitation": self.covisitation,
            "als": self.als,
            "content": self.content(self.settings.content),
            "clicks": self.base,
            "clicks_lifted": replace(hybrid, floor=np.zeros_like(hybrid.floor)),
            "als_mapped": self.als_mapped(),
            "hybrid": hybrid,
        }
        return {name: (model, self.popular) for name, model in models.items()}


def _size_shares(past: InteractionLog, n_sizes: int) -> Doubles:
    """Share of each size in a dress' rentals, drawn towards everybody's; (n_products, n_sizes)."""
    ones = np.ones(past.n_events)
    counts = pair_matrix(past.product, past.event_type, ones, past.n_products, n_sizes).toarray()
    usual = counts.sum(axis=0) / counts.sum()
    n = counts.sum(axis=1, keepdims=True)
    return np.where(n > 0, (counts + SIZE_DRAW * usual) / (n + SIZE_DRAW), 0.0)
