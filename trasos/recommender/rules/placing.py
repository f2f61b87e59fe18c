"""Pins among what the models chose: fixed places first, the rest filled in its own order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trasos.recommender.arrays import Codes
from trasos.recommender.rank import TopN


@dataclass(frozen=True)
class Listed:
    """Lists of a batch with where each row came from.

    Attributes:
        top: the products and their scores.
        sources: int32 of shape (b, n), where each came from.
        rules: int32 of shape (b, n), number of the rule that placed it; -1 for none.
    """

    top: TopN
    sources: Codes
    rules: Codes


@dataclass(frozen=True)
class Places:
    """The places that pins hold.

    Attributes:
        items: int32 of shape (b, n), the product that is pinned there; -1 for a free place.
        rules: int32 of shape (b, n), number of the rule; -1 for a free place.
    """

    items: Codes
    rules: Codes

    @classmethod
    def empty(cls, n_lists: int, n: int) -> Places:
        """All places free."""
        return cls(np.full((n_lists, n), -1, np.int32), np.full((n_lists, n), -1, np.int32))

    def take(self, lists: NDArray[np.intp], position: int, item: int, rule: int) -> None:
        """Give a place, counted from 1, of some lists to a product."""
        self.items[lists, position - 1] = item
        self.rules[lists, position - 1] = rule

    def fill(self, top: TopN, sources: Codes, pinned: int) -> Listed:
        """Put the models' products into the free places, in their order.

        A pinned product has the score of the next free place, at the end that of the one before,
        so that scores never rise with rank; zero in a list of pins alone for which nothing else
        was left.

        Args:
            top: at least as many products as there are free places.
            sources: int32 of shape (b, n), where each of them came from.
            pinned: what stands for a pin among the sources.
        """
        is_pinned = self.items >= 0
        n_free = (~is_pinned).sum(axis=1, keepdims=True)
        place = np.cumsum(~is_pinned, axis=1) - 1
        place = np.where(is_pinned, np.minimum(place + 1, np.maximum(n_free - 1, 0)), place)

        def taken(values: NDArray[Any]) -> NDArray[Any]:
            return np.take_along_axis(values, place, axis=1)

        alone = is_pinned & (taken(top.items) < 0)
        return Listed(
            TopN(
                items=np.where(is_pinned, self.items, taken(top.items)).astype(np.int32),
                rungs=np.where(alone, 0, taken(top.rungs)).astype(np.int32),
                scores=np.where(alone, 0, taken(top.scores)).astype(np.float32),
            ),
            np.where(is_pinned, pinned, taken(sources)).astype(np.int32),
            self.rules.copy(),
        )
