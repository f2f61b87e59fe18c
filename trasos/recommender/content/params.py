"""Every number that tunes what content is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trasos.recommender.tunables import Tunables
from trasos.recommender.tunables import tunable as _tunable


@dataclass(frozen=True)
class ContentParams(Tunables):
    """What can be tuned; the metadata of each field holds unit, range and reason.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Content parameter"

    seed: int = _tunable(7, "-", "of the decomposition of words: the same data, the same bits", 0)
    min_products: int = _tunable(
        2, "products", "a brand or word of one product alone tells nothing of another", 1
    )
    price_bands: int = _tunable(
        4, "bands", "cheap to dear within a category; one band leaves the price out", 1, 50
    )
    text_dimensions: int = _tunable(
        32, "dimensions", "of names and descriptions; garment, material and fit are few", 1, 1000
    )
