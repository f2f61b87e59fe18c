"""Lists for visitors of whom one click is known: what a page can show without asking a model."""

from __future__ import annotations

import numpy as np

from trasos.recommender.data import Catalogue
from trasos.recommender.lists import ANYWHERE, BY_RULE, SOURCES, Answers, answers_of, check_size
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import batches
from trasos.recommender.rules import NONE, Overrides, Scope
from trasos.recommender.rules.rule import SESSION
from trasos.recommender.sessions.clicks import Running
from trasos.recommender.sessions.slot import SessionSlot


def first_clicks(
    slot: SessionSlot,
    catalogue: Catalogue,
    params: RecommenderParams,
    overrides: Overrides = NONE,
) -> Answers:
    """Answer a session of one click, for every product that may be the one on screen.

    Args:
        slot: fitted on the same catalogue.
        catalogue: gives what is on sale.
        params: list_length.
        overrides: merchandisers' rules; the department of a list is that of the product on screen.

    Raises:
        InputError: fewer products on sale than a list and one more.
    """
    n = params.list_length
    check_size(catalogue, n)
    items = np.arange(catalogue.n_products, dtype=np.int32)
    by_rung = np.array([ANYWHERE, SOURCES.index(slot.model.name)], np.int32)
    lists = []
    for batch in batches(len(items), catalogue.n_products):
        clicked = items[batch]
        running = Running.of(np.arange(len(clicked)), clicked, len(clicked), catalogue.n_products)
        ranked = overrides.rank(
            Scope(SESSION, catalogue.department[clicked]),
            slot.ladder(running),
            slot.allowed(running, catalogue.is_on_sale),
            catalogue.is_on_sale,
            n,
        )
        lists.append(ranked.listed(by_rung[ranked.top.rungs], BY_RULE))
    return answers_of(items, lists, n, overrides)
