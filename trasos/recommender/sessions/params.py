"""What tunes the neighbours of a session, with unit, range and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trasos.errors import ConfigurationError

Repeats = Literal["allowed", "new"]

RANGES = {
    "sample": (1, 1_000_000),
    "neighbours": (1, 1_000_000),
    "last_products": (1, 1_000),
    "click_decay": (0.01, 1.0),
    "gap_decay": (0.01, 1.0),
    "reminder": (0.0, 1.0),
}


@dataclass(frozen=True)
class SessionParams:
    """Tunables of ``SessionKnn`` and the policy of its slot.

    Defaults of the decays and the reminder lie within the grid of ``tune``, which a shop's own days
    choose from; sample and neighbours are those of Serenade's example.

    Attributes:
        sample: sessions of each product that are looked through, its latest; m in the paper. It
            bounds the work of an answer and lets old fashions go.
        neighbours: sessions that speak; k in the paper.
        last_products: distinct products of the running session that look for neighbours.
        click_decay: factor a product back in the running session: what was clicked last says
            most. 1 leaves order alone.
        gap_decay: factor a click between two products of a neighbour: what stood next to the
            shared product says more than what stood far. 1 is VMIS-kNN as published.
        reminder: share of the best score that products of the running session get on top, fading
            by ``click_decay``: people go back. 0 is VMIS-kNN as published.
        repeats: ``allowed``, or ``new`` where products of the running session are never listed.
            The product on screen, clicked last, never is.

    Raises:
        ConfigurationError: a value outside its range.
    """

    sample: int = 500
    neighbours: int = 100
    last_products: int = 20
    click_decay: float = 0.8
    gap_decay: float = 0.5
    reminder: float = 0.25
    repeats: Repeats = "allowed"

    def __post_init__(self) -> None:
        """Hold every number to its range."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high or (isinstance(low, int) and value != int(value)):
                raise ConfigurationError(
                    f"Session parameter {name} is {value!r}: a "
                    f"{'whole ' if isinstance(low, int) else ''}number in "
                    f"[{low:g}, {high:g}] is wanted."
                )
        if self.repeats not in ("allowed", "new"):
            raise ConfigurationError(
                f"Session parameter repeats is {self.repeats!r}: allowed or new is wanted."
            )
