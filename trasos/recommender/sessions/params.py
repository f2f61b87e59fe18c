"""What tunes the neighbours of a session, with unit, range and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from trasos.recommender.tunables import Tunables
from trasos.recommender.tunables import choice as _choice
from trasos.recommender.tunables import tunable as _tunable

Repeats = Literal["allowed", "new"]


@dataclass(frozen=True)
class SessionParams(Tunables):
    """Tunables of ``SessionKnn`` and the policy of its slot.

    Defaults of the decays and the reminder lie within the grid of ``tune``, which a shop's own days
    choose from; sample and neighbours are those of Serenade's example. With a gap decay of 1 and
    without a reminder the model is VMIS-kNN as published.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Session parameter"

    sample: int = _tunable(
        500,
        "sessions of each product, its latest",
        "m in the paper: bounds the work of an answer and lets old fashions go",
        1,
        1_000_000,
    )
    neighbours: int = _tunable(
        100, "sessions that speak", "k in the paper: the rest are little alike", 1, 1_000_000
    )
    last_products: int = _tunable(
        20, "distinct products of the running session", "earlier ones say little", 1, 1_000
    )
    click_decay: float = _tunable(
        0.8, "factor a product back", "what was clicked last says most", 0.01, 1.0
    )
    gap_decay: float = _tunable(
        0.5,
        "factor a click between two products of a neighbour",
        "what stood next to the shared product says more than what stood far",
        0.01,
        1.0,
    )
    reminder: float = _tunable(
        0.25,
        "share of the best score, fading by click_decay",
        "people go back to products of the running session",
        0.0,
        1.0,
    )
    repeats: Literal["allowed", "new"] = _choice(
        ("allowed", "new"),
        "new never lists products of the running session; the one on screen never is listed",
    )
