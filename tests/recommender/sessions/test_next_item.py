from __future__ import annotations

import numpy as np
import pytest

from tests.recommender.sessions.by_hand import ranked, sessions_of
from tests.recommender.sessions.test_knn import N_PRODUCTS, clicks_of, random_params, random_rows
from trasos.errors import InputError
from trasos.recommender.bootstrap import percentile_interval, resampled_means
from trasos.recommender.sessions import Clicks, SessionParams, SessionSlot
from trasos.recommender.sessions.next_item import Questions, ask, interval
from trasos.recommender.sessions.tune import grid, grid_as_published, tune


def test_every_click_but_the_first_is_asked_for_after_those_before_it() -> None:
    clicks = Clicks.from_arrays([0, 0, 0, 1, 2, 2], [4, 2, 4, 1, 0, -1], range(6), 5)
    questions = Questions.of(clicks)
    assert questions.wanted.tolist() == [2, 4, -1]
    assert questions.session.tolist() == [0, 0, 2]
    (running,) = questions.batches()
    assert running.row.tolist() == [0, 1, 1, 2]
    assert running.product.tolist() == [4, 2, 4, 0]


@pytest.mark.parametrize("seed", range(5))
def test_figures_agree_with_those_worked_out_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, held_out, params = random_rows(rng), random_rows(rng, unknown=True), random_params(rng)
    n = 2 * N_PRODUCTS
    slot = SessionSlot.fit(clicks_of(rows, n), params)
    answers = ask(slot, Questions.of(clicks_of(held_out, n)))
    sessions = sessions_of(rows)
    ranks = []
    for products in sessions_of(held_out):
        for place in range(1, len(products)):
            listed = ranked(sessions, products[:place], params, n, 20)
            ranks.append(listed.index(products[place]) + 1 if products[place] in listed else 0)
    assert len(ranks) == len(answers.values)
    assert answers.means[1] == pytest.approx(np.mean([rank > 0 for rank in ranks]))
    assert answers.means[0] == pytest.approx(np.mean([1 / rank if rank else 0 for rank in ranks]))


def test_questions_are_answered_alike_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    slot = SessionSlot.fit(clicks_of(random_rows(rng)), SessionParams())
    questions = Questions.of(clicks_of(random_rows(rng)))
    at_once = ask(slot, questions).values
    monkeypatch.setattr("trasos.recommender.sessions.next_item.BATCH", 3)
    assert np.array_equal(ask(slot, questions).values, at_once)


def test_some_questions_are_drawn_by_seed() -> None:
    questions = Questions.of(clicks_of(random_rows(np.random.default_rng(2))))
    drawn = questions.drawn(7, seed=1)
    assert len(drawn.asked) == 7
    assert np.isin(drawn.asked, questions.asked).all()
    assert np.array_equal(drawn.asked, questions.drawn(7, seed=1).asked)
    assert questions.drawn(10_000, seed=1) is questions


def test_no_second_click_is_told() -> None:
    with pytest.raises(InputError, match="nothing to predict"):
        Questions.of(Clicks.from_arrays([0, 1], [1, 2], [1, 2], 3))


def test_intervals_draw_sessions() -> None:
    rng = np.random.default_rng(0)
    of_session = rng.normal(0, 1, 300)
    values = np.repeat(of_session, 4)[:, None]
    session = np.repeat(np.arange(300), 4)
    settings = {"n_resamples": 1000, "seed": 3, "confidence": 0.95}
    low, high = interval(values, session, **settings)
    # Four questions a session that all go one way are no more evidence than one.
    alone = percentile_interval(resampled_means(of_session[:, None], 1000, 3), 0.95)
    assert (low[0], high[0]) == pytest.approx((alone[0][0], alone[1][0]))
    assert low[0] < values.mean() < high[0]


def test_a_slot_beside_itself_differs_by_nothing() -> None:
    session = np.array([0, 0, 1, 2])
    low, high = interval(np.zeros((4, 2)), session, n_resamples=100, seed=0, confidence=0.9)
    assert low.tolist() == high.tolist() == [0, 0]


def test_the_best_of_the_grid_is_chosen_and_of_equals_the_first() -> None:
    rng = np.random.default_rng(3)
    train, valid = clicks_of(random_rows(rng)), clicks_of(random_rows(rng))
    tried = grid(SessionParams())[::9]
    found = [ask(SessionSlot.fit(train, p), Questions.of(valid)).means[0] for p in tried]
    tuning = tune(train, valid, tried, seed=0)
    assert tuning.params == tried[int(np.argmax(found))]
    assert tuning.mrr == pytest.approx(max(found))
    assert tuning.n_tried == len(tried)
    assert tune(train, valid, [tried[0], tried[0]], seed=0).params is tried[0]


def test_the_published_grid_has_neither_gaps_nor_reminders() -> None:
    assert {(p.gap_decay, p.reminder) for p in grid_as_published(SessionParams())} == {(1.0, 0.0)}
    assert len(set(grid(SessionParams()))) == len(grid(SessionParams()))
