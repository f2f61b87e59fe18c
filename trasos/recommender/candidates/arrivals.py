"""What few met yet, by what it is: the source that clicks cannot be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.content.attributes import price_bands, weighted_values
from trasos.recommender.content.features import ContentFeatures
from trasos.recommender.content.lift import ContentLift
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.models.model import NO_OPINION, opinion
from trasos.recommender.params import RecommenderParams

PRICE_BANDS = 5
SMOOTHING = 3.0
"""Events by which everybody's shares count in a person's: two looks do not make a taste."""


@dataclass(frozen=True)
class Arrivals:
    """New products, by how much more a person takes to their kind, brand and price than people do.

    Attributes:
        lift: of each person for what each product is.
        is_new: bool (n_products,), met by few.
        name: see ``Model``.
    """

    lift: ContentLift
    is_new: Flags
    name: str = "arrivals"

    @classmethod
    def fit(cls, log: InteractionLog, catalogue: Catalogue, params: RecommenderParams) -> Arrivals:
        """Count what each person met, value by value, and who met each product.

        Args:
            log: interactions up to the moment that is asked about.
            catalogue: products.
            params: half_life_days, arrival_persons.
        """
        bands = price_bands(catalogue.price, catalogue.category, PRICE_BANDS)
        of_product = {
            "department": catalogue.department,
            "category": catalogue.category,
            "brand": catalogue.brand,
            "price": bands,
        }
        features = ContentFeatures.of(
            {name: weighted_values(codes, 1) for name, codes in of_product.items()},
            catalogue.n_products,
        )
        matrix = person_product(log, log.last_at + 1, params.half_life_days)
        met = np.bincount(matrix.indices, minlength=catalogue.n_products)
        smoothing = {block.name: SMOOTHING for block in features.blocks}
        return cls(ContentLift.fit(features, matrix, smoothing), met < params.arrival_persons)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Lifts of what is new; see ``Model``. Who has no history has no opinion."""
        scores = self.lift.score_persons(persons, allowed)
        asked = self.is_new[None, :] & (persons >= 0)[:, None]
        return np.where(asked, opinion(scores), NO_OPINION)

    def score_items(self, items: Codes) -> Floats:
        """New products of like values; see ``Model``."""
        return np.where(self.is_new[None, :], opinion(self.lift.score_items(items)), NO_OPINION)
