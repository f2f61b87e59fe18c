"""The answers: a full list for every active person and every product, by a ladder of fallbacks."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

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
from trasos.recommender.rank import Rung, TopN, allowed_block, batches, stack, top_n

LOGGER = logging.getLogger(__name__)

SOURCES = ("als", "covisitation", "popular_in_department", "popular", "popular_in_category")
"""Where a row came from; in the blend, the part that gave most of its score."""

_PARTS, _IN_DEPARTMENT, _POPULAR, _IN_CATEGORY = (0, 1, 2), 2, 3, 4


@dataclass(frozen=True)
class Answers:
    """Lists of one slot.

    Attributes:
        subjects: int32 codes of the persons or products that ask, shape (b,), rising.
        items: int32 product codes, shape (b, n), best first.
        scores: float64, shape (b, n), never rising with rank; see ``TopN.falling_scores``.
        sources: int32 positions in ``SOURCES``, shape (b, n).
    """

    subjects: Codes
    items: Codes
    scores: Doubles
    sources: Codes

    def for_everyone(self, n_subjects: int) -> Answers:
        """The last list, once for each of some subjects: of ``popular`` the one for everyone."""
        return Answers(
            np.arange(n_subjects, dtype=np.int32),
            np.repeat(self.items[-1:], n_subjects, axis=0),
            np.repeat(self.scores[-1:], n_subjects, axis=0),
            np.repeat(self.sources[-1:], n_subjects, axis=0),
        )


def recommend(
    recommender: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    persons: Codes,
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
    tops, sources = [], []
    for batch in batches(len(persons), catalogue.n_products):
        top, source = _recommend_batch(
            recommender, persons[batch], seen, bought, catalogue.is_on_sale, n
        )
        tops.append(top)
        sources.append(source)
    answers = _answers(persons, stack(tops, n), sources, n)
    is_full = (answers.items >= 0).all(axis=1)
    if not is_full.all():
        LOGGER.warning(
            "%d of %d persons bought so much of what is on sale that no list of %d is left for "
            "them; list_length is meant for larger shops.",
            int((~is_full).sum()),
            len(persons),
            n,
        )
    return Answers(
        persons[is_full],
        answers.items[is_full],
        answers.scores[is_full],
        answers.sources[is_full],
    )


def _recommend_batch(
    recommender: Recommender, persons: Codes, seen: Sparse, bought: Sparse, on_sale: Flags, n: int
) -> tuple[TopN, Codes]:
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
    top = top_n(ladder, allowed, n)
    chosen = np.stack([np.take_along_axis(part, top.items, axis=1) for part in parts])
    largest = np.array(_PARTS, np.int32)[chosen.argmax(axis=0)]
    by_rung = np.array([_POPULAR, _POPULAR, _IN_DEPARTMENT, -1], np.int32)[top.rungs]
    return top, np.where(by_rung >= 0, by_rung, largest).astype(np.int32)


def similar(recommender: Recommender, catalogue: Catalogue, params: RecommenderParams) -> Answers:
    """Answer every product of the catalogue, on sale or not, with products on sale.

    Ladder: co-visitation; cosine of ALS factors; popular in the same department and category;
    popular.

    Args:
        recommender: fitted on the same catalogue.
        catalogue: gives what is on sale.
        params: list_length.

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
    tops, sources = [], []
    for batch in batches(len(items), catalogue.n_products):
        seeds = items[batch]
        allowed = allowed_block(len(seeds), catalogue.is_on_sale, None)
        allowed[np.arange(len(seeds)), seeds] = False
        top = top_n([for_items(model, seeds) for model in ladder], allowed, n)
        tops.append(top)
        sources.append(by_rung[top.rungs])
    return _answers(items, stack(tops, n), sources, n)


def popular(recommender: Recommender, catalogue: Catalogue, params: RecommenderParams) -> Answers:
    """Answer for whom nothing is known, by segment: what to show where no other list is there.

    Args:
        recommender: fitted on the same catalogue.
        catalogue: gives what is on sale.
        params: list_length.

    Returns:
        One list a department, for people who mostly shop there, and as the last subject one for
        everyone.

    Raises:
        InputError: fewer products on sale than a list and one more.
    """
    n = params.list_length
    _check_size(catalogue, n)
    segments = opinion(recommender.in_department.by_department)
    everyone = recommender.popular.popularity
    segments[-1] = NO_OPINION
    allowed = allowed_block(len(segments), catalogue.is_on_sale, None)
    ladder: list[Rung] = [
        lambda rows: segments[rows],
        lambda rows: np.broadcast_to(everyone, (len(rows), len(everyone))),
    ]
    top = top_n(ladder, allowed, n)
    by_rung = np.array([_POPULAR, _IN_DEPARTMENT], np.int32)
    subjects = np.arange(len(segments), dtype=np.int32)
    return _answers(subjects, top, [by_rung[top.rungs]], n)


def _check_size(catalogue: Catalogue, n: int) -> None:
    on_sale = int(catalogue.is_on_sale.sum())
    if on_sale < n + 1:
        raise InputError(
            f"Only {on_sale:,} product(s) on sale: lists of {n} need at least {n + 1}. "
            "Lower list_length, or check is_on_sale in the table of products."
        )


def _answers(subjects: Codes, top: TopN, sources: list[Codes], n: int) -> Answers:
    stacked = np.concatenate(sources) if sources else np.empty((0, n), np.int32)
    return Answers(subjects, top.items, top.falling_scores(), stacked)
