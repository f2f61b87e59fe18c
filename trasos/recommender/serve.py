"""The answers: a full list for every active person and every product, by a ladder of fallbacks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Doubles, Flags, Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender
from trasos.recommender.matrix import seen_products
from trasos.recommender.models.blend import add
from trasos.recommender.models.model import (
    NO_OPINION,
    Model,
    for_items,
    for_persons,
    opinion,
)
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import Rung, allowed_block, batches, stack
from trasos.recommender.rules import NONE, PINNED, Overrides, Scope
from trasos.recommender.rules.placing import Listed
from trasos.recommender.rules.rule import FOR_YOU, POPULAR, SIMILAR

LOGGER = logging.getLogger(__name__)

_MODELS = ("als", "covisitation", "popular_in_department", "popular", "popular_in_category")
SOURCES = (*_MODELS, PINNED, "exploration")
"""Where a row came from; in the blend, the part that gave most of its score."""

EXPLORED = SOURCES.index("exploration")

_PARTS, _IN_DEPARTMENT, _POPULAR, _IN_CATEGORY, _PINNED = (0, 1, 2), 2, 3, 4, 5


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


def recommend(
    recommender: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    persons: Codes,
    overrides: Overrides = NONE,
) -> Answers:
    """Answer persons who have a history.

    Ladder: the blend among products the person has not met; popular in the person's department;
    popular; and, for who has met nearly everything, popular among what was met but not bought.

    Args:
        recommender: fitted on ``log``.
        log: interactions; gives what was met and what was bought.
        catalogue: gives what is on sale.
        params: list_length, order_event_types.
        persons: int32 codes of those to answer, rising.
        overrides: merchandisers' rules.

    Whoever bought so much of what is on sale that no list is left gets none, with a warning in the
    log: a list is neither cut short nor filled with what they have.

    Raises:
        InputError: fewer products on sale than a list and one more.
    """
    n = params.list_length
    _check_size(catalogue, n)
    seen, bought = (
        seen_products(log),
        seen_products(log.take(log.is_type(params.order_event_types))),
    )
    lists = [
        _recommend_batch(
            recommender, persons[batch], seen, bought, catalogue.is_on_sale, n, overrides
        )
        for batch in batches(len(persons), catalogue.n_products)
    ]
    answers = _answers(persons, lists, n, overrides)
    is_full = (answers.items >= 0).all(axis=1)
    if not is_full.all():
        LOGGER.warning(
            "%d of %d persons bought so much of what is on sale that no list of %d is left for "
            "them; list_length is meant for larger shops.",
            int((~is_full).sum()),
            len(persons),
            n,
        )
    return answers.take(np.flatnonzero(is_full))


def _recommend_batch(
    recommender: Recommender,
    persons: Codes,
    seen: Sparse,
    bought: Sparse,
    on_sale: Flags,
    n: int,
    overrides: Overrides,
) -> Listed:
    allowed = allowed_block(len(persons), on_sale, bought[persons])
    fresh = allowed_block(len(persons), on_sale, seen[persons]) & allowed
    parts = recommender.blend.parts(persons, fresh)
    blended = np.where(fresh, opinion(add(parts)), NO_OPINION)

    def only_fresh(model: Model) -> Rung:
        score = for_persons(model, persons, fresh)
        return lambda rows: np.where(fresh[rows], score(rows), NO_OPINION)

    ladder: list[Rung] = [
        lambda rows: blended[rows],
        only_fresh(recommender.in_department),
        only_fresh(recommender.popular),
        for_persons(recommender.popular, persons, allowed),
    ]
    scope = Scope(FOR_YOU, recommender.in_department.main_department[persons])
    ranked = overrides.rank(scope, ladder, allowed, on_sale, n)
    top = ranked.top
    chosen = np.stack([np.take_along_axis(part, top.items, axis=1) for part in parts])
    largest = np.array(_PARTS, np.int32)[chosen.argmax(axis=0)]
    by_rung = np.array([_POPULAR, _POPULAR, _IN_DEPARTMENT, -1], np.int32)[top.rungs]
    sources = np.where(by_rung >= 0, by_rung, largest).astype(np.int32)
    return ranked.listed(sources, _PINNED)


def similar(
    recommender: Recommender,
    catalogue: Catalogue,
    params: RecommenderParams,
    overrides: Overrides = NONE,
) -> Answers:
    """Answer every product of the catalogue, on sale or not, with products on sale.

    Ladder: co-visitation; cosine of ALS factors; popular in the same department and category;
    popular.

    Args:
        recommender: fitted on the same catalogue.
        catalogue: gives what is on sale.
        params: list_length.
        overrides: merchandisers' rules.

    Raises:
        InputError: fewer products on sale than a list and one more.
    """
    n = params.list_length
    _check_size(catalogue, n)
    items = np.arange(catalogue.n_products, dtype=np.int32)
    ladder = (
        recommender.covisitation,
        recommender.als,
        recommender.in_department,
        recommender.popular,
    )
    by_rung = np.array([_POPULAR, _IN_CATEGORY, 0, 1], np.int32)
    lists = []
    for batch in batches(len(items), catalogue.n_products):
        seeds = items[batch]
        allowed = allowed_block(len(seeds), catalogue.is_on_sale, None)
        allowed[np.arange(len(seeds)), seeds] = False
        ranked = overrides.rank(
            Scope(SIMILAR, catalogue.department[seeds], beside=seeds),
            [for_items(model, seeds) for model in ladder],
            allowed,
            catalogue.is_on_sale,
            n,
        )
        lists.append(ranked.listed(by_rung[ranked.top.rungs], _PINNED))
    return _answers(items, lists, n, overrides)


def popular(
    recommender: Recommender,
    catalogue: Catalogue,
    params: RecommenderParams,
    overrides: Overrides = NONE,
) -> Answers:
    """Answer for whom nothing is known, by segment: what to show where no other list is there.

    Args:
        recommender: fitted on the same catalogue.
        catalogue: gives what is on sale.
        params: list_length.
        overrides: merchandisers' rules.

    Returns:
        One list a department, for people who mostly shop there, and as the last subject one for
        everyone.

    Raises:
        InputError: fewer products on sale than a list and one more.
    """
    departments = np.arange(len(recommender.in_department.by_department), dtype=np.int32)
    departments[-1] = -1
    scope = Scope(POPULAR, departments)
    return _popular(recommender, catalogue, params.list_length, scope, overrides)


def for_strangers(
    recommender: Recommender,
    catalogue: Catalogue,
    params: RecommenderParams,
    n_persons: int,
    overrides: Overrides = NONE,
) -> Answers:
    """Answer persons without history with what is popular; to rules it is their own list.

    Args:
        recommender: as in ``popular``.
        catalogue: as in ``popular``.
        params: as in ``popular``.
        n_persons: how many; the subjects are counted from 0.
        overrides: merchandisers' rules.

    Raises:
        InputError: as in ``popular``.
    """
    scope = Scope(FOR_YOU, np.array([-1], np.int32), persons_each=n_persons)
    answers = _popular(recommender, catalogue, params.list_length, scope, overrides)
    everyone = answers.take(np.zeros(n_persons, np.intp))
    return replace(everyone, subjects=np.arange(n_persons, dtype=np.int32))


def _popular(
    recommender: Recommender, catalogue: Catalogue, n: int, scope: Scope, overrides: Overrides
) -> Answers:
    """What is popular in each department of the scope; -1 is everywhere."""
    _check_size(catalogue, n)
    segments = opinion(recommender.in_department.by_department[scope.departments])
    segments[scope.departments < 0] = NO_OPINION
    everyone = recommender.popular.popularity
    ladder: list[Rung] = [
        lambda rows: segments[rows],
        lambda rows: np.broadcast_to(everyone, (len(rows), len(everyone))),
    ]
    allowed = allowed_block(len(segments), catalogue.is_on_sale, None)
    ranked = overrides.rank(scope, ladder, allowed, catalogue.is_on_sale, n)
    by_rung = np.array([_POPULAR, _IN_DEPARTMENT], np.int32)
    subjects = np.arange(len(segments), dtype=np.int32)
    lists = ranked.listed(by_rung[ranked.top.rungs], _PINNED)
    return _answers(subjects, [lists], n, overrides)


def _check_size(catalogue: Catalogue, n: int) -> None:
    on_sale = int(catalogue.is_on_sale.sum())
    if on_sale < n + 1:
        raise InputError(
            f"Only {on_sale:,} product(s) on sale: lists of {n} need at least {n + 1}. "
            "Lower list_length, or check is_on_sale in the table of products."
        )


def _answers(subjects: Codes, lists: Sequence[Listed], n: int, overrides: Overrides) -> Answers:
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
