"""The models that meet on the rentals: pure ones, and the hybrid of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from bench.recommender.cold import Case
from bench.recommender.rent_the_runway_data import Rentals
from trasos.recommender.arrays import Codes, Doubles
from trasos.recommender.content import (
    ContentFeatures,
    ContentLift,
    ContentMap,
    ContentNeighbours,
    Mixed,
    Product,
    Spread,
    with_cold_items,
)
from trasos.recommender.content.attributes import weighted_values
from trasos.recommender.data import InteractionLog
from trasos.recommender.matrix import pair_matrix, person_product, seen_products
from trasos.recommender.models.als import Als
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.model import Model
from trasos.recommender.models.popularity import Popular
from trasos.recommender.params import RecommenderParams

SEED = 7

DRAW = 10.0
"""Rentals by which everybody's shares count in those of a dress that few rented."""

LEAST = 0.03
"""Share of its largest score that each part of the clicks' product has for any dress."""

TREND_DAYS = (60.0, 120.0)
"""Half-lives of the two popularities whose powers tell what rises from what goes out of fashion."""

CONTENT_BLOCKS = ("category", "size")
PEOPLE = ("occasion", "body", "age", "height", "weight")
"""Who rents a dress, and what for: nothing is known of it for a dress that nobody rented."""

BLOCKS = (*CONTENT_BLOCKS, *PEOPLE)

MATCHED = {
    "lift_sharp": ((1.0, 2.0), 0.0),
    "matched": ((0.5, 1.0), 4.0),
    "matched_sharp": ((1.0, 2.0), 6.0),
}
"""Kinds of content alone that multiply: powers of the lifts of category and size, of likeness."""


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
        clicks: powers of the two popularities, of co-visitation and of ALS in the hybrid.
        lifts: powers of the lifts of ``BLOCKS``, for dresses that somebody rented.
        smoothing: rentals by which everybody's shares count in a person's.
        share: of the places of each list that cold dresses are to have.
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
    clicks: tuple[float, ...] = (1.6, -1.0, 0.1, 0.05)
    lifts: tuple[float, ...] = (0.2, 0.6, 0.7, 0.35, 0.75, 0.35, 0.7)
    smoothing: float = 3
    share: float = 0.25
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
        features: category, sizes where wanted, and who rents a dress.
        own: what persons said, counted; by block.
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
        rentals: Rentals,
        settings: Settings,
        *,
        sizes: bool,
    ) -> Fitted:
        """Learn from what is left of the past.

        The sizes that a dress comes in are the shop's to know before anybody rents it. Here they
        can only be read off its rentals before the split, so for dresses first rented later
        there are none. All else that was said with a rental is learnt from the training alone.

        Args:
            case: gives what may be learnt from.
            rentals: the data set; of it all before the split, cold dresses too, for sizes alone.
            settings: tunables.
            sizes: whether dresses have sizes.
        """
        train, past = case.train, rentals.log.before(case.as_of)
        blocks: dict[str, Any] = {"category": weighted_values(rentals.category, 1)}
        own: dict[str, Any] = {}
        for name in ("size", *PEOPLE) if sizes else PEOPLE:
            shown_by = past if name == "size" else train
            blocks[name] = shares(shown_by, rentals.said[name])
            own[name] = counts(train, train.person, train.n_persons + 1, rentals.said[name])
        return cls(
            case,
            settings,
            popular(case, settings),
            covisitation(case, settings),
            als(case, settings),
            ContentFeatures.of(blocks, train.n_products),
            own,
        )

    @property
    def parts(self) -> tuple[Model, ...]:
        """What knows clicks alone, in the order of ``Settings.clicks``."""
        train, as_of = self.case.train, self.case.as_of
        trend = [Popular.fit(person_product(train, as_of, days)) for days in TREND_DAYS]
        return (*trend, self.covisitation, self.als)

    @property
    def base(self) -> Product:
        """The hybrid's part that knows clicks alone."""
        return Product(self.parts, self.settings.clicks, LEAST)

    def content(self, kind: str) -> Model:
        """A model of content alone, its many ties broken by chance.

        Args:
            kind: neighbours, neighbours_by_category, lift, lift_by_category, map, or one of
                ``MATCHED``.
        """
        return Spread(self._content(kind), SEED)

    def _content(self, kind: str) -> Model:
        seen = seen_products(self.case.train)
        by_category = self.features.only("category")
        known = [name for name in CONTENT_BLOCKS if name in self.features.names]
        if kind == "neighbours":
            return ContentNeighbours.fit(self.features.only(*known), seen)
        if kind == "neighbours_by_category":
            return ContentNeighbours.fit(by_category, seen)
        if kind == "lift":
            return self.lift(CONTENT_BLOCKS)
        if kind == "lift_by_category":
            return self.lift(("category",))
        if kind in MATCHED:
            return self.matched(*MATCHED[kind])
        return self.mapped().model(self.als, 1.0)

    def lift(self, blocks: Sequence[str], powers: Sequence[float] | None = None) -> ContentLift:
        """How much more a person takes to what a dress is than people do.

        Args:
            blocks: of content; those that there are count.
            powers: of each block's lifts; 1 where not given.
        """
        there = [name for name in blocks if name in self.features.names]
        return ContentLift.fit(
            self.features,
            seen_products(self.case.train),
            dict.fromkeys(there, self.settings.smoothing),
            self.own,
            None if powers is None else dict(zip(blocks, powers, strict=True)),
        )

    def matched(self, powers: Sequence[float], likeness: float) -> Model:
        """Category and sizes against what the person took: lifts, times likeness where wanted."""
        lift = self.lift(CONTENT_BLOCKS, powers)
        if likeness == 0:
            return lift
        return Product((lift, self._content("neighbours")), (1.0, likeness))

    def mapped(self) -> ContentMap:
        """Factors that content gives every dress."""
        weight: Doubles = self.case.met()
        known = [name for name in CONTENT_BLOCKS if name in self.features.names]
        return ContentMap.fit(
            self.features.only(*known), self.als.item_factors, weight, self.settings.ridge
        )

    @property
    def lifted(self) -> Product:
        """Clicks, times how much more the person takes to what a dress is and who rents it."""
        lift = Spread(self.lift(BLOCKS, self.settings.lifts), SEED)
        return Product((self.base, lift), (1.0, 1.0))

    def hybrid(self) -> Mixed:
        """Cold dresses as content alone ranks them, among what clicks and content rank together."""
        settings = self.settings
        return Mixed(self.lifted, self.content(settings.content), self.case.cold, settings.share)

    def als_mapped(self) -> Als:
        """ALS, its cold dresses where content puts them."""
        met = self.case.met()
        return with_cold_items(self.als, self.mapped(), met, self.settings.scale, prior=0)

    def ladders(self) -> dict[str, tuple[Model, ...]]:
        """All models by name; popularity fills what one leaves open."""
        # Named by what each adds: content alone, clicks alone, clicks lifted, cold ones among them.
        models: dict[str, Model] = {
            "popular": self.popular,
            "covisitation": self.covisitation,
            "als": self.als,
            "content": self.content(self.settings.content),
            "clicks": self.base,
            "clicks_lifted": self.lifted,
            "als_mapped": self.als_mapped(),
            "hybrid": self.hybrid(),
        }
        return {name: (model, self.popular) for name, model in models.items()}


def counts(log: InteractionLog, rows: Codes, n_rows: int, said: Codes) -> Any:
    """How often each person or dress goes with each code; float64 CSR."""
    code = said[log.session]
    there = np.flatnonzero(code >= 0)
    return pair_matrix(rows[there], code[there], np.ones(len(there)), n_rows, int(said.max()) + 1)


def shares(log: InteractionLog, said: Codes) -> Doubles:
    """Share of each code in a dress' rentals, drawn towards everybody's; (n_products, codes)."""
    found = counts(log, log.product, log.n_products, said).toarray()
    n = found.sum(axis=1, keepdims=True)
    usual = found.sum(axis=0) / found.sum()
    return np.where(n > 0, (found + DRAW * usual) / (n + DRAW), 0.0)
