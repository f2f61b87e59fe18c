"""A rule, and the lists that it is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags

PIN, BAN, BOOST = "pin", "ban", "boost"
ALL = "all"
FOR_YOU, SIMILAR, POPULAR, SESSION = "for_you", "similar", "popular", "session"

PINNED = "pin"
"""Where a row came from that a pin placed: stands beside the names of models."""


@dataclass(frozen=True)
class Scope:
    """Some lists of one slot, as rules tell them apart.

    Attributes:
        slot: whose lists they are.
        departments: int32 of shape (b,), the department that each list is for; -1 for none.
        beside: int32 of shape (b,), the product that each list stands beside; None elsewhere than
            in ``similar``.
        persons_each: for how many persons each list is shown, where one list serves several.
    """

    slot: str
    departments: Codes
    beside: Codes | None = None
    persons_each: int = 1


@dataclass(frozen=True)
class Rule:
    """One rule in force, its names replaced by codes.

    Attributes:
        rule_id: its name.
        action: pin, ban or boost.
        products: int32, rising codes of the products that it is about; one for a pin.
        slot: for_you, similar, popular, session or all.
        department: code of the department whose lists it is for; None for all lists.
        beside: code of the product that its lists stand beside; None for all lists.
        position: of a pin, from 1.
        factor: of a boost, above 0.
    """

    rule_id: str
    action: str
    products: Codes
    slot: str = ALL
    department: int | None = None
    beside: int | None = None
    position: int = 1
    factor: float = 1.0

    def is_for(self, scope: Scope) -> bool:
        """Whether it is about lists of this slot at all."""
        return self.slot in (ALL, scope.slot)

    def lists(self, scope: Scope) -> Flags:
        """Which of the lists of its slot it is about: bool of shape (b,)."""
        chosen = np.ones(len(scope.departments), np.bool_)
        if self.department is not None:
            chosen &= scope.departments == self.department
        if self.beside is not None:
            chosen &= False if scope.beside is None else scope.beside == self.beside
        return chosen
