"""Chance: random products of the person's main department, the null that taste must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats, Keys


@dataclass(frozen=True)
class ChanceInDepartment:
    """Random order within the main department, then random order of the rest.

    The draw hangs on seed, person and product alone, so neither batches nor threads change it.
    Persons without history are one person (code -1) and share one draw over the whole catalogue.

    Attributes:
        main_department: int32 of shape (n_persons + 1,), -1 for persons without history.
        department: int32 of shape (n_products,), department of each product.
        seed: of the draws.
        name: see ``Model``.
    """

    main_department: Codes
    department: Codes
    seed: int
    name: str = "chance_in_department"

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """A draw in [1, 2) within the department and in [0, 1) without; see ``Model``."""
        at_home = self.department[None, :] == self.main_department[persons][:, None]
        return np.asarray(at_home + self._draw(persons), np.float32)

    def score_items(self, items: Codes) -> Floats:
        """As for persons, with the seed product's department; see ``Model``."""
        at_home = self.department[None, :] == self.department[items][:, None]
        return np.asarray(at_home + self._draw(items), np.float32)

    def _draw(self, rows: Codes) -> Floats:
        products = np.arange(len(self.department), dtype=np.uint64)
        seed = mix(np.array([self.seed], np.uint64))
        start = mix(np.add(rows.astype(np.int64).astype(np.uint64), seed))
        bits = mix(np.add(start[:, None], products[None, :])) >> np.uint64(40)
        return bits.astype(np.float32) / np.float32(1 << 24)


def mix(state: Keys) -> Keys:
    """SplitMix64 (Steele, Lea and Flood 2014): a counter turned into independent random bits."""
    mixed = (state + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)
