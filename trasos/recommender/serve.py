"""The answers: a full list for every active person and every product, by a ladder of fallbacks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.candidates.pool import Pool
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender
from trasos.recommender.lists import (
    ALS,
    ANYWHERE,
    BY_RULE,
    COVISITATION,
    IN_CATEGORY,
    IN_DEPARTMENT,
    SOURCES,
    Answers,
    answers_of,
    check_size,
)
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
from trasos.recommender.rank import Rung, allowed_block, batches
from trasos.recommender.ranking.ranked import Ranked, for_you
from trasos.recommender.rules import NONE, Overrides, Scope
from trasos.recommender.rules.placing import Listed
from trasos.recommender.rules.rule import FOR_YOU, POPULAR, SIMILAR

__all__ = ["SOURCES", "Answers", "for_strangers", "popular", "recommend", "similar"]

LOGGER = logging.getLogger(__name__)


def recommend(
    recommender: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    params: RecommenderParams,
    persons: Codes,
    overrides: Overrides = NONE,
) -> Answers:
    """Answer persons who have a history.

    Ladder, among products that the person has not met: the ranked ones, where the ranker serves;
    the blend; popular in the person's department; popular. And, for who has met nearly everything,
    popular among what was met but not bought.

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
    check_size(catalogue, n)
    seen, bought = (
        seen_products(log),
        seen_products(log.take(log.is_type(params.order_event_types))),
    )
    model = for_you(recommender, log, catalogue)
    lists = [
        _recommend_batch(
            recommender, model, persons[batch], seen, bought, catalogue.is_on_sale, n, overrides
        )
        for batch in batches(len(persons), catalogue.n_products)
    ]
    answers = answers_of(persons, lists, n, overrides)
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
    model: Model,
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

    def only_fresh(rung: Model) -> Rung:
        score = for_persons(rung, persons, fresh)
        return lambda rows: np.where(fresh[rows], score(rows), NO_OPINION)

    # From the lowest rung up, with where the products of each come from.
    rungs: list[tuple[Rung, Callable[[Codes], Codes]]] = [
        (for_persons(recommender.popular, persons, allowed), _always(ANYWHERE)),
        (only_fresh(recommender.popular), _always(ANYWHERE)),
        (only_fresh(recommender.in_department), _always(IN_DEPARTMENT)),
        (lambda rows: blended[rows], lambda items: _largest(parts, items)),
    ]
    if isinstance(model, Ranked):
        candidates = model.shelf.pool(persons, fresh)
        scores = model.scored(candidates)
        rungs.append((lambda rows: scores[rows], lambda items: _first(candidates, items)))
    scope = Scope(FOR_YOU, recommender.in_department.main_department[persons])
    ranked = overrides.rank(scope, [rung for rung, _ in rungs][::-1], allowed, on_sale, n)
    sources = np.full(ranked.top.items.shape, -1, np.int32)
    for place, (_, source) in enumerate(rungs):
        sources = np.where(ranked.top.rungs == place, source(ranked.top.items), sources)
    return ranked.listed(sources.astype(np.int32), BY_RULE)


def _always(source: int) -> Callable[[Codes], Codes]:
    return lambda items: np.full(items.shape, source, np.int32)


def _largest(parts: Sequence[Floats], items: Codes) -> Codes:
    """The part that gave most of each product's score in the blend."""
    given = np.stack([np.take_along_axis(part, items, axis=1) for part in parts])
    places = np.array([ALS, COVISITATION, IN_DEPARTMENT], np.int32)
    return np.asarray(places[given.argmax(axis=0)], np.int32)


def _first(candidates: Pool, items: Codes) -> Codes:
    """The source that put each candidate highest."""
    places = np.array([SOURCES.index(name) for name in candidates.names], np.int32)
    return places[np.take_along_axis(candidates.brought_by(), items, axis=1)]


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
    check_size(catalogue, n)
    items = np.arange(catalogue.n_products, dtype=np.int32)
    ladder = (
        recommender.covisitation,
        recommender.als,
        recommender.in_department,
        recommender.popular,
    )
    by_rung = np.array([ANYWHERE, IN_CATEGORY, ALS, COVISITATION], np.int32)
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
        lists.append(ranked.listed(by_rung[ranked.top.rungs], BY_RULE))
    return answers_of(items, lists, n, overrides)


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
    check_size(catalogue, n)
    segments = opinion(recommender.in_department.by_department[scope.departments])
    segments[scope.departments < 0] = NO_OPINION
    everyone = recommender.popular.popularity
    ladder: list[Rung] = [
        lambda rows: segments[rows],
        lambda rows: np.broadcast_to(everyone, (len(rows), len(everyone))),
    ]
    allowed = allowed_block(len(segments), catalogue.is_on_sale, None)
    ranked = overrides.rank(scope, ladder, allowed, catalogue.is_on_sale, n)
    by_rung = np.array([ANYWHERE, IN_DEPARTMENT], np.int32)
    subjects = np.arange(len(segments), dtype=np.int32)
    lists = ranked.listed(by_rung[ranked.top.rungs], BY_RULE)
    return answers_of(subjects, [lists], n, overrides)
