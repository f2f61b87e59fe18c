import logging

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recommender.factory import interactions_table, products_table
from trasos.errors import InputError
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.params import RecommenderParams
from trasos.recommender.serve import SOURCES, Answers, popular, recommend, similar

N = 3
PARAMS = RecommenderParams(list_length=N, als_factors=4, als_iterations=2)
TYPES = st.sampled_from(["product_viewed", "product_added", "item_purchased"])
EVENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(0, 3), TYPES, st.integers(0, 59)),
    min_size=1,
    max_size=40,
)


@st.composite
def shops(draw: st.DrawFn) -> tuple[InteractionLog, Catalogue]:
    """Tiny shops: few persons, some products off sale or never met."""
    n = draw(st.integers(N + 1, 10))
    on_sale = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    on_sale[: N + 1] = [True] * (N + 1)
    catalogue = Catalogue.from_arrow(products_table(n, n_departments=2, is_on_sale=on_sale))
    rows = [
        (f"u{who}", f"p{what % n:05d}", f"s{who}-{session}", kind, float(day))
        for who, what, session, kind, day in draw(EVENTS)
    ]
    return InteractionLog.from_arrow(interactions_table(rows), catalogue), catalogue


def everyone(log: InteractionLog) -> np.ndarray:
    return np.arange(log.n_persons, dtype=np.int32)


def hold(answers: Answers, catalogue: Catalogue) -> None:
    """The invariants of every list."""
    assert answers.items.shape == (len(answers.subjects), N)
    assert ((answers.items >= 0) & (answers.items < catalogue.n_products)).all()
    assert catalogue.is_on_sale[answers.items].all()
    assert all(len(set(row)) == N for row in answers.items.tolist())
    assert np.isfinite(answers.scores).all()
    assert (np.diff(answers.scores, axis=1) <= 0).all()
    assert ((answers.sources >= 0) & (answers.sources < len(SOURCES))).all()
    assert (np.diff(answers.subjects) > 0).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shops())
def test_lists_hold_their_promises_in_any_tiny_shop(
    case: tuple[InteractionLog, Catalogue],
) -> None:
    log, catalogue = case
    recommender = fit(log, catalogue, PARAMS, n_threads=1)
    answers = recommend(recommender, log, catalogue, PARAMS, everyone(log))
    hold(answers, catalogue)
    orders = log.take(log.is_type(PARAMS.order_event_types))
    bought = {
        person: set(orders.product[orders.person == person].tolist())
        for person in range(log.n_persons)
    }
    on_sale = set(np.flatnonzero(catalogue.is_on_sale).tolist())
    served = set(answers.subjects.tolist())
    for person, items in zip(answers.subjects.tolist(), answers.items.tolist(), strict=True):
        assert not bought[person] & set(items)
    for person in range(log.n_persons):
        assert (person in served) == (len(on_sale - bought[person]) >= N)
    lists = similar(recommender, catalogue, PARAMS)
    hold(lists, catalogue)
    assert lists.subjects.tolist() == list(range(catalogue.n_products))
    assert not (lists.items == lists.subjects[:, None]).any()
    hold(popular(recommender, catalogue, PARAMS), catalogue)


def tiny(
    rows: list[tuple[str, str, str, str, float]], n: int = 6
) -> tuple[Recommender, InteractionLog, Catalogue]:
    catalogue = Catalogue.from_arrow(products_table(n, n_departments=2))
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    return fit(log, catalogue, PARAMS), log, catalogue


def test_what_was_met_stands_behind_all_that_is_new() -> None:
    rows = [("a", f"p0000{code}", "s", "product_viewed", code / 100) for code in range(4)]
    recommender, log, catalogue = tiny(rows)
    answers = recommend(recommender, log, catalogue, PARAMS, everyone(log))
    assert set(answers.items[0, :2].tolist()) == {4, 5}
    assert answers.items[0, 2] < 4
    assert SOURCES[answers.sources[0, 2]] == "popular"


def test_who_bought_nearly_everything_gets_no_list_and_a_word_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = [("a", f"p0000{code}", "s", "item_purchased", code / 100) for code in range(4)]
    recommender, log, catalogue = tiny([*rows, ("b", "p00000", "t", "product_viewed", 0.0)])
    with caplog.at_level(logging.WARNING):
        answers = recommend(recommender, log, catalogue, PARAMS, everyone(log))
    assert answers.subjects.tolist() == [1]
    assert "1 of 2 persons bought so much" in caplog.text


def test_a_catalogue_smaller_than_a_list_is_refused() -> None:
    recommender, log, catalogue = tiny([("a", "p00000", "s", "product_viewed", 0.0)], n=3)
    with pytest.raises(InputError, match="Only 3 product"):
        recommend(recommender, log, catalogue, PARAMS, everyone(log))
    with pytest.raises(InputError, match="at least 4"):
        similar(recommender, catalogue, PARAMS)


def test_similar_products_fall_down_the_ladder() -> None:
    rows = [
        ("a", "p00000", "s", "product_viewed", 0.0),
        ("a", "p00001", "s", "product_viewed", 0.01),
        ("b", "p00003", "t", "product_viewed", 0.0),
    ]
    recommender, _, catalogue = tiny(rows)
    lists = similar(recommender, catalogue, PARAMS)
    assert lists.items[0, 0] == 1
    assert SOURCES[lists.sources[0, 0]] == "covisitation"
    # Nobody met product 5: what sells in its category and department, then what sells.
    names = [SOURCES[source] for source in lists.sources[5]]
    assert names == sorted(names, key=["popular_in_category", "popular"].index)
    assert "popular" in names
