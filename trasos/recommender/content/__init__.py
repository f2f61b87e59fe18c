"""What is known of a product without anybody having met it, and what follows from it.

Attributes, words, pictures and a shop's own embeddings become blocks of one matrix
(``ContentFeatures``). ``ContentMap`` maps them into the space of ALS factors by ridge regression;
``ContentLift`` counts how much more a person takes to what a product is than people do;
``ContentNeighbours`` ranks by resemblance. ``Mixed`` gives products that nobody met yet a share of
every list. Each is a ``Model``.
"""

from trasos.recommender.content.choice import fit_powers
from trasos.recommender.content.features import ContentFeatures, content_features
from trasos.recommender.content.lift import ContentLift
from trasos.recommender.content.mapping import ContentMap, with_cold_items
from trasos.recommender.content.mixed import Mixed
from trasos.recommender.content.neighbours import ContentNeighbours
from trasos.recommender.content.params import ContentParams
from trasos.recommender.content.product import Product, raised_least
from trasos.recommender.content.spread import Spread

__all__ = [
    "ContentFeatures",
    "ContentLift",
    "ContentMap",
    "ContentNeighbours",
    "ContentParams",
    "Mixed",
    "Product",
    "Spread",
    "content_features",
    "fit_powers",
    "raised_least",
    "with_cold_items",
]
