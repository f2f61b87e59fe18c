"""Learning to rank: what it learns from, that it is the same each time, and how it serves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from tests.recommender.factory import Shop
from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.artefacts import train_or_load
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender, fit
from trasos.recommender.kept import carried_over
from trasos.recommender.lists import SOURCES
from trasos.recommender.packing import pack, unpack
from trasos.recommender.params import RecommenderParams
from trasos.recommender.ranking import learn as learning
from trasos.recommender.ranking.learn import beside_blend, examples_of, learn, train
from trasos.recommender.ranking.ranked import Ranked, Shelf, for_you
from trasos.recommender.ranking.ranker import Ranker
from trasos.recommender.ranking.slices import Slice, slices
from trasos.recommender.serve import recommend
from trasos.recommender.split import split_as_tuned
from trasos.recommender.tune import UNTUNED_WEIGHTS, Tuning

PARAMS = RecommenderParams(
    als_factors=16, ranking_slices=2, ranking_trees=20, ranking_min_persons=50
)
TUNING = Tuning(UNTUNED_WEIGHTS, 30.0, 0, float("nan"))


@pytest.fixture(scope="module")
def weeks(log: InteractionLog, catalogue: Catalogue) -> list[Slice]:
    return slices(log, catalogue, PARAMS, log.last_at + 1)


@pytest.fixture(scope="module")
def fitted(log: InteractionLog, catalogue: Catalogue) -> Recommender:
    return fit(log, catalogue, PARAMS)


@pytest.fixture(scope="module")
def serving(fitted: Recommender) -> Recommender:
    """The same, with the ranker serving whatever validation said."""
    return replace(fitted, ranker=replace(fitted.ranker, serves=True))


def everyone(log: InteractionLog) -> np.ndarray:
    return np.arange(log.n_persons, dtype=np.int32)


def test_slices_are_weeks_one_before_the_other(weeks: list[Slice], log: InteractionLog) -> None:
    assert [each.moment for each in weeks] == [
        log.last_at + 1 - number * 7 * SECONDS_A_DAY for number in (1, 2)
    ]
    assert all(each.log.last_at < each.moment for each in weeks)


def test_outcomes_are_what_was_new_by_how_far_it_went(
    weeks: list[Slice], tasteful: Shop, log: InteractionLog
) -> None:
    week = weeks[1]
    end = week.moment + 7 * SECONDS_A_DAY
    grade = {"product_viewed": 1, "product_added": 2, "item_purchased": 3}
    met: set[tuple[str, str]] = set()
    wanted: dict[tuple[str, str], int] = {}
    rows = sorted(tasteful.interactions.to_pylist(), key=lambda row: row["event_at"])
    for row in rows:
        pair = row["person_id"], row["product_id"]
        at = row["event_at"].replace(tzinfo=dt.UTC).timestamp()
        if at < week.moment:
            met.add(pair)
        elif at < end and pair not in met:
            wanted[pair] = max(wanted.get(pair, 0), grade[row["event_type"]])
    before = {person for person, _ in met}
    wanted = {pair: value for pair, value in wanted.items() if pair[0] in before}
    ids, products = week.log.person_ids.to_pylist(), week.catalogue.product_ids.to_pylist()
    cells = week.outcome.tocoo()
    found = {
        (ids[week.persons[row]], products[column]): int(value)
        for row, column, value in zip(cells.row, cells.col, cells.data, strict=True)
    }
    assert found == wanted
    assert set(found.values()) == {1, 2, 3}


def test_examples_stand_by_person_each_with_something_chosen(weeks: list[Slice]) -> None:
    found = examples_of(weeks[0], PARAMS, TUNING)
    assert found.sizes.sum() == len(found.rows) == len(found.grade)
    assert found.rows.shape[1] == len(found.columns) == len(set(found.columns))
    starts = np.cumsum(found.sizes) - found.sizes
    assert np.maximum.reduceat(found.grade, starts).min() >= 1
    others = np.add.reduceat(found.grade == 0, starts)
    assert others.mean() == pytest.approx(PARAMS.ranking_negatives, rel=0.15)


def test_the_same_examples_give_the_same_trees_on_any_number_of_threads(
    weeks: list[Slice], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (examples_of(weeks[0], PARAMS, TUNING, n_threads) for n_threads in (1, 2))
    assert np.array_equal(one.rows, two.rows, equal_nan=True)
    assert np.array_equal(one.grade, two.grade)
    text = train(one, PARAMS)
    assert train(two, PARAMS) == text
    original = lgb.train
    monkeypatch.setattr(
        learning.lgb,
        "train",
        lambda settings, *rest: original({**settings, "num_threads": 2}, *rest),
    )
    told = train(one, PARAMS)
    assert told.replace("[num_threads: 2]", "[num_threads: 1]") == text


def test_trees_find_what_tells_outcomes_apart(weeks: list[Slice], log: InteractionLog) -> None:
    examples = examples_of(weeks[0], PARAMS, TUNING)
    ranker = Ranker(train(examples, PARAMS), examples.columns, PARAMS, False, "", 0)
    score = ranker.score(examples.rows)
    assert (score > 0).all() and np.isfinite(score).all()
    assert score[examples.grade > 0].mean() > 1.3 * score[examples.grade == 0].mean()
    assert sum(ranker.importance().values()) == pytest.approx(1)
    assert ranker.score(examples.rows[:0]).shape == (0,)


def test_the_interval_says_who_serves(fitted: Recommender) -> None:
    ranker = fitted.ranker
    assert ranker.is_learnt and ranker.n_judged >= PARAMS.min_persons
    assert ranker.low <= ranker.ndcg - ranker.blend_ndcg <= ranker.high
    assert ranker.serves == (ranker.low > 0)
    assert f"{ranker.ndcg:.4f} against the blend's {ranker.blend_ndcg:.4f}" in ranker.reason
    assert ranker.blend_ndcg == pytest.approx(fitted.tuning.ndcg, rel=0.02)


@pytest.mark.parametrize(("ours", "serves"), [(0.1, True), (0.0, False), (-0.1, False)])
def test_only_a_ranker_shown_to_be_better_serves(
    ours: float,
    serves: bool,
    fitted: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Quality of both is planted, person by person, with the ranker so much better."""
    noise = np.random.default_rng(0).normal(0, 0.05, 10_000)

    def planted(model: object, split: object, judged: np.ndarray) -> np.ndarray:
        is_ranked = isinstance(model, Ranked)
        return 0.3 + is_ranked * (ours + noise[: len(judged)])

    monkeypatch.setattr(learning, "_ndcg", planted)
    split = split_as_tuned(log, catalogue, PARAMS, PARAMS.validation_days)
    assert split is not None
    judged = np.flatnonzero(split.persons >= 0).astype(np.int32)
    found = beside_blend(fitted.ranker, split, judged, catalogue, PARAMS, TUNING)
    assert found.serves is serves
    gain = ours + noise[: found.n_judged]
    means = resampled_means(gain[:, None], PARAMS.bootstrap_resamples, PARAMS.seed)
    low, high = percentile_interval(means, PARAMS.confidence)
    assert (found.low, found.high) == (pytest.approx(low[0]), pytest.approx(high[0]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ranking": "never"}, "ranking is switched off"),
        ({"ranking_min_persons": 100_000}, "persons with history to learn from"),
        ({"min_persons": 100_000}, "persons with history to judge it on"),
    ],
)
def test_a_shop_too_small_is_served_by_the_blend_and_told_why(
    changes: dict[str, object], reason: str, log: InteractionLog, catalogue: Catalogue
) -> None:
    found = learn(log, catalogue, replace(PARAMS, **changes), TUNING)
    assert not found.serves and not found.is_learnt
    assert reason in found.reason


def test_lists_are_ranked_above_the_blend_and_say_which_source_brought_a_row(
    serving: Recommender, fitted: Recommender, log: InteractionLog, catalogue: Catalogue
) -> None:
    persons = everyone(log)
    answers = recommend(serving, log, catalogue, PARAMS, persons)
    assert answers.items.shape == (log.n_persons, PARAMS.list_length)
    assert (np.diff(answers.scores, axis=1) <= 0).all() and np.isfinite(answers.scores).all()
    assert np.floor(answers.scores).max() == 4, "the fifth rung from below"
    model = for_you(serving, log, catalogue)
    assert isinstance(model, Ranked)
    names = [source.name for source in model.shelf.sources]
    person = 17
    seen = np.unique(log.product[log.person == person])
    allowed = np.ones((1, catalogue.n_products), bool)
    allowed[0, seen] = False
    candidates = model.shelf.pool(persons[[person]], allowed)
    scores = model.scored(candidates)[0]
    best = np.argsort(-scores, kind="stable")[: PARAMS.list_length]
    assert answers.items[person].tolist() == best.tolist()
    for item, source in zip(answers.items[person], answers.sources[person], strict=True):
        ranks = [block[0, item] or 10**6 for block in candidates.ranks]
        assert SOURCES[source] == names[int(np.argmin(ranks))]
    blended = recommend(replace(serving, ranker=replace(serving.ranker, serves=False)), log,
                        catalogue, PARAMS, persons)  # fmt: skip
    assert (blended.items != answers.items).any()
    assert for_you(replace(fitted, ranker=Ranker.none(PARAMS, "")), log, catalogue).name == "blend"


def test_batches_change_no_list(
    serving: Recommender,
    log: InteractionLog,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = recommend(serving, log, catalogue, PARAMS, everyone(log))
    monkeypatch.setattr("trasos.recommender.rank.BLOCK_CELLS", 64 * catalogue.n_products)
    parts = recommend(serving, log, catalogue, PARAMS, everyone(log))
    assert np.array_equal(whole.items, parts.items)


def test_a_packed_ranker_gives_the_same_lists(
    serving: Recommender, log: InteractionLog, catalogue: Catalogue
) -> None:
    again, *_ = unpack(pack(serving, catalogue))
    assert again.ranker == serving.ranker
    one, two = (
        recommend(model, log, catalogue, PARAMS, everyone(log)) for model in (serving, again)
    )
    assert np.array_equal(one.items, two.items) and np.array_equal(one.scores, two.scores)


def test_a_ranker_that_was_kept_ranks_for_who_came_since(
    log: InteractionLog, catalogue: Catalogue, tmp_path: Path
) -> None:
    earlier, _ = log.before(log.last_at - 10 * SECONDS_A_DAY).with_own_persons()
    kept = train_or_load(earlier, catalogue, PARAMS, tmp_path).kept
    assert kept.recommender.ranker.is_learnt
    ranker = replace(kept.recommender.ranker, serves=True)
    old = replace(kept, recommender=replace(kept.recommender, ranker=ranker))
    model = carried_over(old, log, catalogue)
    assert model.ranker == ranker
    answers = recommend(model, log, catalogue, PARAMS, everyone(log))
    assert len(answers.subjects) == log.n_persons
    assert (np.floor(answers.scores[:, 0]) == 4).all()


def test_what_was_learnt_reads_the_columns_that_are_served(
    fitted: Recommender, log: InteractionLog, catalogue: Catalogue
) -> None:
    shelf = Shelf.at(fitted, log, catalogue, PARAMS)
    assert shelf.columns == fitted.ranker.columns
