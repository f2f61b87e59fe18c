from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from tests.recommender.factory import START, interactions_table, products_table
from trasos.recommender.candidates import recall
from trasos.recommender.candidates.arrivals import Arrivals
from trasos.recommender.candidates.by_sql import Favourites, Reminders, Trending
from trasos.recommender.candidates.pool import CANDIDATES, pool
from trasos.recommender.candidates.recall import ANY, NEW, ROWS, TOGETHER, candidate_recall
from trasos.recommender.candidates.sources import repeats, sources
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.lists import SOURCES
from trasos.recommender.matrix import person_product
from trasos.recommender.models.alike import PeopleAlike, tastes
from trasos.recommender.models.als import Als
from trasos.recommender.params import RecommenderParams
from trasos.recommender.parts import Recommender, fit_parts
from trasos.recommender.rank import top_n
from trasos.recommender.ranking.ranker import Ranker
from trasos.recommender.split import Split, split_as_tuned
from trasos.recommender.sql import Events
from trasos.recommender.tune import UNTUNED_WEIGHTS, Tuning

PARAMS = RecommenderParams(als_factors=16, candidate_depth=20)
VIEW, CART, BUY = "product_viewed", "product_added", "item_purchased"
Row = tuple[str, str, str, str, float]


def shop(rows: list[Row], n: int = 6) -> tuple[InteractionLog, Catalogue]:
    catalogue = Catalogue.from_arrow(products_table(n, n_departments=2))
    return InteractionLog.from_arrow(interactions_table(rows), catalogue), catalogue


@pytest.fixture(scope="module")
def split(log: InteractionLog, catalogue: Catalogue) -> Split:
    found = split_as_tuned(log, catalogue, PARAMS, PARAMS.test_days)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def parts(split: Split, catalogue: Catalogue) -> Recommender:
    tuning = Tuning(UNTUNED_WEIGHTS, 30.0, 0, float("nan"))
    return fit_parts(split.train, catalogue, PARAMS, tuning, Ranker.none(PARAMS, "not asked for"))


def test_a_trend_is_more_persons_than_before() -> None:
    """Product 0 draws four persons a week as ever, product 2 none before and four now."""
    rows = [(f"a{day}", "p00000", f"s{day}", VIEW, float(day)) for day in range(0, 28)]
    rows += [(f"b{day}", "p00002", f"t{day}", VIEW, float(day)) for day in (22, 24, 26, 27)]
    rows += [("b22", "p00002", "t22", VIEW, 22.0 + minute / 1440) for minute in range(50)]
    log, catalogue = shop(rows)
    as_of = START + 28 * 86_400
    home = np.full(log.n_persons + 1, -1, np.int32)
    with Events.of(log, catalogue, PARAMS) as events:
        found, later = (
            Trending.at(events, moment, PARAMS, catalogue.department, home)
            for moment in (as_of, START + 22 * 86_400)
        )
    # Seven persons in seven days after 21 in 21: nothing but its size. Fifty looks are one person.
    assert found.score[0] == pytest.approx(7 * (10 / 10) / (24 / 24))
    assert found.score[2] == pytest.approx(4 * (7 / 10) / (3 / 24))
    assert not found.score[[1, 3, 4, 5]].any()
    assert later.score[2] == 0, "the first who met it did so at that very moment"


def test_a_trend_stays_within_the_department() -> None:
    model = Trending(
        np.array([1, 2, 3], np.float32), np.array([0, 1, 0], np.int32), np.array([0, -1], np.int32)
    )
    scores = model.score_persons(np.array([0, -1], np.int32), np.ones((2, 3), bool))
    assert np.isfinite(scores).tolist() == [[True, False, True], [True, True, True]]
    assert np.isfinite(model.score_items(np.array([1], np.int32))).tolist() == [
        [False, True, False]
    ]


def test_reminders_are_what_was_left_the_cart_before_a_look() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00001", "s", CART, 0.1),
        ("a", "p00002", "s", CART, 0.2),
        ("a", "p00002", "s", BUY, 0.3),
        ("a", "p00003", "s", BUY, 0.4),
        ("a", "p00003", "s", VIEW, 0.5),
        ("a", "p00004", "s", "product_scrolled", 0.6),
        ("b", "p00000", "t", VIEW, 0.0),
    ]
    log, catalogue = shop(rows)
    with Events.of(log, catalogue, PARAMS) as events:
        model = Reminders.at(events, log.last_at + 1, PARAMS, log.n_persons, 6)
    scores = model.score_persons(np.array([0, 1, -1], np.int32), np.ones((3, 6), bool))
    assert np.isfinite(scores).astype(int).tolist() == [
        [1, 1, 0, 1, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]
    assert scores[0, 1] > 3 * scores[0, 0]


def test_favourites_are_the_share_of_a_category_times_what_is_popular_in_it() -> None:
    # Of two departments of two products each: categories of products are 0 1 0 1 ...
    rows = [("a", "p00000", "s", VIEW, 0.0), ("a", "p00001", "s", CART, 0.0)]
    log, catalogue = shop(rows)
    popularity = np.array([1, 2, 3, 4, 5, 6], np.float32)
    with Events.of(log, catalogue, PARAMS) as events:
        model = Favourites.at(
            events, log.last_at + 1, PARAMS, popularity, catalogue.category, log.n_persons
        )
    scores = model.score_persons(np.array([0], np.int32), np.ones((1, 6), bool))[0]
    same = [np.flatnonzero(catalogue.category == catalogue.category[code]) for code in (0, 1)]
    assert scores[same[0]] == pytest.approx(0.2 * popularity[same[0]])
    assert scores[same[1]] == pytest.approx(0.8 * popularity[same[1]])
    others = np.setdiff1d(np.arange(6), np.concatenate(same))
    assert np.isneginf(scores[others]).all()


def test_arrivals_are_what_few_met_by_the_kind_that_a_person_takes_to() -> None:
    """Products 0 2 4 are of one department, 1 3 5 of the other; 4 and 5 nobody met."""
    rows = [(f"p{who}", "p00000", "s", VIEW, 0.0) for who in range(30)]
    rows += [(f"p{who}", "p00001", "t", VIEW, 0.0) for who in range(25)]
    rows += [("a", "p00000", "u", VIEW, 0.0), ("a", "p00002", "u", VIEW, 0.1)]
    rows += [("b", "p00001", "v", VIEW, 0.0), ("b", "p00003", "v", VIEW, 0.1)]
    log, catalogue = shop(rows)
    model = Arrivals.fit(log, catalogue, replace(PARAMS, arrival_persons=20))
    assert model.is_new.tolist() == [False, False, True, True, True, True]
    known = np.array([*(log.person_ids.to_pylist().index(who) for who in "ab"), -1], np.int32)
    scores = model.score_persons(known, np.ones((3, 6), bool))
    assert np.isneginf(scores[:, :2]).all() and np.isneginf(scores[2]).all()
    assert scores[0, 4] > scores[0, 5] and scores[1, 5] > scores[1, 4]
    by_hand = model.lift.score_persons(known, np.ones((3, 6), bool))
    assert (scores[:2, 2:] == by_hand[:2, 2:]).all()
    beside = model.score_items(np.array([0], np.int32))[0]
    assert np.isneginf(beside[:2]).all() and beside[2] > beside[3]


def test_people_alike_are_those_to_whom_als_gives_like_scores(
    log: InteractionLog, catalogue: Catalogue
) -> None:
    """With all directions the cosine of tastes is that of the rows of scores."""
    als = Als.fit(person_product(log, log.last_at + 1, 30.0), PARAMS)
    found = tastes(als, 16)
    scores = als.person_factors.astype(np.float64) @ als.item_factors.T
    rows = scores[:50] / np.linalg.norm(scores[:50], axis=1, keepdims=True)
    assert found[:50] @ found[:50].T == pytest.approx(rows @ rows.T, abs=1e-4)
    assert not found[-1].any()


def test_people_alike_bring_what_their_neighbours_met_of_late(
    log: InteractionLog, catalogue: Catalogue
) -> None:
    params = replace(PARAMS, alike_neighbours=7, alike_pool=100)
    als = Als.fit(person_product(log, log.last_at + 1, 30.0), params)
    model = PeopleAlike.fit(als, log, params)
    last = np.array([log.event_at[log.person == who].max() for who in range(log.n_persons)])
    assert len(model.pool) == 100
    assert last[model.pool].min() >= np.delete(last, model.pool).max()
    lately = person_product(log, log.last_at + 1, params.alike_half_life_days).toarray()
    persons = np.array([model.pool[3], 0, -1], np.int32)
    scores = model.score_persons(persons, np.ones((3, catalogue.n_products), bool))
    for row, person in enumerate(persons[:2]):
        near = np.maximum(model.taste[person] @ model.taste[model.pool].T, 0).astype(np.float64)
        near[model.pool == person] = 0
        nearest = np.argsort(-near, kind="stable")[:7]
        weight = near[nearest] ** params.alike_sharpness
        expected = (weight / weight.sum()) @ lately[model.pool[nearest]]
        assert np.where(np.isfinite(scores[row]), scores[row], 0) == pytest.approx(
            expected, rel=1e-4, abs=1e-6
        )
    assert np.isneginf(scores[2]).all()


def test_every_source_is_named_among_those_of_answers(
    parts: Recommender, split: Split, catalogue: Catalogue
) -> None:
    with Events.of(split.train, catalogue, PARAMS) as events:
        of_new = sources(parts, split.train, catalogue, PARAMS, events)
        of_old = repeats(split.train, PARAMS, events)
    names = [source.name for source in (*of_new, *of_old)]
    assert len(set(names)) == len(names) >= 6
    assert set(names) <= set(SOURCES)


def test_a_pool_holds_the_best_of_each_source_with_rank_and_score(
    parts: Recommender, split: Split, catalogue: Catalogue
) -> None:
    with Events.of(split.train, catalogue, PARAMS) as events:
        of = sources(parts, split.train, catalogue, PARAMS, events)
    persons = np.array([4, 9, -1], np.int32)
    allowed = np.random.default_rng(0).random((3, catalogue.n_products)) < 0.7
    found = pool(of, persons, allowed, 5)
    assert not (found.is_candidate & ~allowed).any()
    for source, ranks in zip(of, found.ranks, strict=True):
        scores = source.score_persons(persons, allowed)
        best = top_n([lambda rows, scores=scores: scores[rows]], allowed, 5).items
        for row in range(3):
            wanted = best[row][best[row] >= 0]
            order = np.flatnonzero(ranks[row])
            assert order[np.argsort(ranks[row][order])].tolist() == wanted.tolist()
    table = found.to_table()
    assert table.schema == CANDIDATES
    assert table.num_rows == sum((ranks > 0).sum() for ranks in found.ranks)
    assert pa.compute.max(table["rank"]).as_py() == 5
    brought = found.brought_by()
    row, product = np.argwhere(found.ranks[3] == 1)[0]
    places = [ranks[row, product] or 99 for ranks in found.ranks]
    assert brought[row, product] == int(np.argmin(places))
    assert ((brought >= 0) == found.is_candidate).all()


def test_recall_counts_what_a_source_finds_and_what_it_alone_finds(
    parts: Recommender,
    log: InteractionLog,
    split: Split,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two sources of which one knows all and the other nothing that the first does not."""
    n = catalogue.n_products
    anywhere = np.zeros(n, np.int32), np.full(split.train.n_persons + 1, -1, np.int32)
    everything = Trending(np.arange(1, n + 1, dtype=np.float32), *anywhere, "everything")
    little = Trending((np.arange(n) < 40).astype(np.float32), *anywhere, "little")
    monkeypatch.setattr(recall, "sources", lambda *_: (everything, little))
    monkeypatch.setattr(recall, "repeats", lambda *_: ())
    params = replace(PARAMS, candidate_depth=catalogue.n_products)
    table = candidate_recall(parts, log, catalogue, params, split)
    assert table.schema == ROWS
    rows = {(row["policy"], row["source"]): row for row in table.to_pylist()}
    assert len(rows) == 6
    assert rows[NEW, "everything"]["recall"] == rows[NEW, TOGETHER]["recall"] == 1
    warm = split.persons >= 0
    share = np.array(
        [(split.relevant[[row]].indices < 40).mean() for row in np.flatnonzero(warm)]
    ).mean()
    assert rows[NEW, "little"]["recall_alone"] == 0
    assert rows[NEW, "everything"]["n_persons"] == warm.sum()
    assert rows[ANY, "everything"]["n_persons"] >= warm.sum()
    assert rows[NEW, "little"]["recall"] == pytest.approx(share)
    assert rows[NEW, "everything"]["recall_alone"] == pytest.approx(1 - share)


def test_only_reminders_bring_back_what_was_met(
    parts: Recommender, log: InteractionLog, split: Split, catalogue: Catalogue
) -> None:
    table = candidate_recall(parts, log, catalogue, PARAMS, split)
    rows = {(row["policy"], row["source"]): row for row in table.to_pylist()}
    assert rows[ANY, "reminders"]["recall_alone"] > 0
    assert (NEW, "reminders") not in rows
    together = rows[NEW, TOGETHER]
    assert together["recall"] > max(
        row["recall"]
        for (policy, source), row in rows.items()
        if policy == NEW and source != TOGETHER
    )
    # A tenth of what is there finds far more than a tenth of what is chosen.
    assert together["mean_candidates"] < 0.5 * catalogue.n_products < 100
    assert together["recall"] > 0.8
