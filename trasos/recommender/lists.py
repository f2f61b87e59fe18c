"""The lists of the slots, and where each of their rows came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles
from trasos.recommender.data import Catalogue
from trasos.recommender.rank import stack
from trasos.recommender.rules import PINNED, Overrides
from trasos.recommender.rules.placing import Listed

SOURCES = (
    "als",
    "covisitation",
    "popular_in_department",
    "popular",
    "popular_in_category",
    PINNED,
    "rp3beta",
    "people_alike",
    "favourite_categories",
    "trending",
    "reminders",
    "session_knn",
    "exploration",
    "arrivals",
)
"""Where a row came from; in the blend, the part that gave most of its score; where it was ranked,
the source of candidates that put it highest."""

ALS, COVISITATION, IN_DEPARTMENT, ANYWHERE, IN_CATEGORY, BY_RULE = range(6)
"""Places in ``SOURCES``."""

EXPLORED = SOURCES.index("exploration")


@dataclass(frozen=True)
class Answers:
    """Lists of one slot.

    Attributes:
        subjects: int32 codes of the persons or products that ask, shape (b,), rising.
        items: int32 product codes, shape (b, n), best first.
        scores: float64, shape (b, n), never rising with rank; see ``TopN.falling_scores``.
        sources: int32 positions in ``SOURCES``, shape (b, n).
        rules: int32 positions in ``rule_ids``, shape (b, n): of a pin the rule that placed it, else
            the boost that weighed most in its score; -1 where there is none.
        rule_ids: names of the rules that were followed.
        propensity: float64, shape (b, n), probability with which each product stood at its place;
            None where nothing was left to chance.
    """

    subjects: Codes
    items: Codes
    scores: Doubles
    sources: Codes
    rules: Codes
    rule_ids: tuple[str, ...] = ()
    propensity: Doubles | None = None

    def take(self, lists: NDArray[np.intp]) -> Answers:
        """Some of the lists, by their places."""
        return replace(
            self,
            subjects=self.subjects[lists],
            items=self.items[lists],
            scores=self.scores[lists],
            sources=self.sources[lists],
            rules=self.rules[lists],
            propensity=None if self.propensity is None else self.propensity[lists],
        )


def check_size(catalogue: Catalogue, n: int) -> None:
    """Hold a catalogue to what lists of a length need.

    Raises:
        InputError: fewer products on sale than a list and one more.
    """
    on_sale = int(catalogue.is_on_sale.sum())
    if on_sale < n + 1:
        raise InputError(
            f"Only {on_sale:,} product(s) on sale: lists of {n} need at least {n + 1}. "
            "Lower list_length, or check is_on_sale in the table of products."
        )


def answers_of(subjects: Codes, lists: Sequence[Listed], n: int, overrides: Overrides) -> Answers:
    """Put the lists of batches below one another.

    Args:
        subjects: int32 codes that ask, rising.
        lists: of the batches, in the order of the subjects.
        n: length of the lists.
        overrides: the rules that were followed.
    """
    top = stack([each.top for each in lists], n)
    nothing = [np.empty((0, n), np.int32)]
    return Answers(
        subjects,
        top.items,
        top.falling_scores(),
        np.concatenate([each.sources for each in lists] or nothing),
        np.concatenate([each.rules for each in lists] or nothing),
        tuple(rule.rule_id for rule in overrides.rules),
    )
