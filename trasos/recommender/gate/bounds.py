"""What a challenger has to keep, as numbers: each with its unit, its range and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trasos.recommender.tunables import Tunables
from trasos.recommender.tunables import tunable as _tunable


@dataclass(frozen=True)
class GateBounds(Tunables):
    """The bounds of the gate; the metadata of each field holds unit, range and reason.

    They are no parameters of a model: another bound makes another decision, not another version.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Gate bound"

    max_age_days: float = _tunable(
        28.0,
        "days of data",
        "as long as a person counts as active, and about the half-life of what they did",
        1,
    )
    fresh_days: float = _tunable(
        7.0,
        "days of data",
        "so long the challenger has to show that it is as good; then that it is worse must be "
        "shown, since a champion knows nothing of what was launched after it",
        0,
    )
    ndcg_margin: float = _tunable(
        0.01, "share of the champion's NDCG@10", "below this nobody notices", 0, 1
    )
    slice_margin: float = _tunable(
        0.05, "share of the champion's NDCG@10", "slices are small, so their noise is larger", 0, 1
    )
    tail_share: float = _tunable(
        0.2,
        "share of (person, product) pairs",
        "the tail: the least met products that hold it",
        0,
        1,
    )
    min_coverage: float = _tunable(
        0.8, "of the champion's", "a fifth less of the catalogue shown is another shop", 0, 1
    )
    min_evenness: float = _tunable(
        0.8, "of the champion's 1 - Gini", "exposure may not gather on a few products", 0, 1
    )
    min_overlap: float = _tunable(
        0.2,
        "share of the first ten in common",
        "retraining on 60 days more left 0.44 in the simulated shop, chance 0.02: below this it "
        "is another recommender, which people should promote",
        0,
        1,
    )
    max_gain: float = _tunable(
        1.5,
        "times the NDCG@10 of the days it was tuned on",
        "honest models had 0.78 to 1.03 in simulated shops; a model trained on the test had 3.9",
        1,
    )
    min_known: float = _tunable(
        0.5, "share of what is on sale", "a champion that knows less is another shop's", 0, 1
    )
    many_brands: int = _tunable(
        5, "brands on sale", "with fewer a slot may rightly show one of them alone", 2
    )
