"""A fixed share of every list for products that nobody met, the rest for what clicks know.

The mixed hybrid of Burke 2002 ("Hybrid recommender systems: survey and experiments"): two
recommenders side by side in one list. A model of clicks and one of content measure in different
units, so that no score of the one says how many places the other should have; the shop says it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.errors import ConfigurationError
from trasos.recommender.arrays import Codes, Flags, Floats
from trasos.recommender.models.model import NO_OPINION, Model


@dataclass(frozen=True)
class Mixed:
    """Two models' lists in one, each in its own order, merged evenly from the first place on.

    Where one has no more to show the other goes on.

    Attributes:
        known: ranks what somebody met.
        new: ranks what nobody met.
        is_new: bool (n_products,), which is which.
        share: of the places of each list that new products are to have, in (0, 1).
        name: see ``Model``.

    Raises:
        ConfigurationError: the share is not between 0 and 1.
    """

    known: Model
    new: Model
    is_new: Flags
    share: float
    name: str = "mixed"

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 < self.share < 1:
            raise ConfigurationError(
                f"The share of places for new products is {self.share}: it lies between 0 and 1."
            )

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """One over the place in the list; see ``Model``."""
        known, new = (
            model.score_persons(persons, allowed & of_it)
            for model, of_it in ((self.known, ~self.is_new), (self.new, self.is_new))
        )
        return self._merged(known, new, allowed)

    def score_items(self, items: Codes) -> Floats:
        """As for persons, beside products; see ``Model``."""
        known, new = self.known.score_items(items), self.new.score_items(items)
        allowed = np.ones(known.shape, np.bool_)
        allowed[np.arange(len(items)), items] = False
        return self._merged(known, new, allowed)

    def _merged(self, known: Floats, new: Floats, allowed: Flags) -> Floats:
        scores = np.full(known.shape, NO_OPINION)
        for block, of_it, share in (
            (known, ~self.is_new, 1 - self.share),
            (new, self.is_new, self.share),
        ):
            columns = np.flatnonzero(of_it)
            there = np.where(allowed[:, columns], block[:, columns], NO_OPINION)
            order = np.argsort(-there, axis=1, kind="stable")
            rank = np.empty_like(order)
            np.put_along_axis(rank, order, np.arange(len(columns))[None, :], axis=1)
            # The middle of the stretch of places that one product of this kind stands for.
            place = (rank + 0.5) / share
            scores[:, columns] = np.where(there > NO_OPINION, 1 / place, NO_OPINION)
        return scores
