from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest

from tests.recommender.sessions.by_hand import Row, ranked, scores, sessions_of
from trasos.errors import ConfigurationError, InputError
from trasos.recommender.sessions import Clicks, Running, SessionKnn, SessionParams, SessionSlot
from trasos.recommender.sessions.next_item import Questions

N_PRODUCTS = 12
# Three sessions over five products; the last shares nothing with the visitor who clicked 1, then 0.
ROWS: list[Row] = [
    (0, 0, 1), (0, 1, 2), (0, 2, 3),
    (1, 1, 3), (1, 0, 4), (1, 3, 5),
    (2, 4, 8), (2, 3, 9),
]  # fmt: skip
PARAMS = SessionParams(click_decay=0.5, gap_decay=0.5, reminder=0.0)


def clicks_of(rows: list[Row], n_products: int = N_PRODUCTS) -> Clicks:
    return Clicks.from_arrays(*zip(*rows, strict=True), n_products)


def score(rows: list[Row], running: list[int], params: SessionParams) -> dict[int, float]:
    model = SessionKnn.fit(clicks_of(rows), params)
    found = model.score(Running.from_clicks(running, N_PRODUCTS))
    return dict(zip(found.indices.tolist(), found.data.tolist(), strict=True))


def random_rows(rng: np.random.Generator, *, unknown: bool = False) -> list[Row]:
    """Many repeats, many ties in time; -1 is a product outside the catalogue."""
    n = int(rng.integers(20, 120))
    low = [[0], [-1 if unknown else 0], [0]]
    rows = rng.integers(low, [[15], [N_PRODUCTS], [60]], (3, n)).T.tolist()
    return [(row[0], row[1], row[2]) for row in rows]


def random_params(rng: np.random.Generator) -> SessionParams:
    return SessionParams(
        sample=int(rng.integers(1, 8)),
        neighbours=int(rng.integers(1, 8)),
        last_products=int(rng.integers(1, 6)),
        click_decay=float(rng.choice([0.3, 0.7, 1.0])),
        gap_decay=float(rng.choice([0.3, 0.7, 1.0])),
        reminder=float(rng.choice([0.0, 0.4])),
        repeats="allowed" if rng.random() < 0.5 else "new",
    )


def test_scores_by_hand() -> None:
    # Both neighbours share 0 (on screen, weight 1) and 1 (weight 0.5): likeness 1.5, times 1.
    # In 0-1-2 the gaps to 0 are 0, 1, 2; in 1-0-3 they are 1, 0, 1. Products 0, 1 and 3 are in
    # two of three sessions, 2 in one.
    assert score(ROWS, [1, 0], PARAMS) == pytest.approx(
        {
            0: 2 * 1.5 * log(3 / 2),
            1: 2 * 1.5 * log(3 / 2),
            2: 1.5 * 0.5 * log(3),
            3: 1.5 * log(3 / 2),
        }
    )


def test_as_published_gaps_do_not_count() -> None:
    plain = score(ROWS, [1, 0], replace(PARAMS, gap_decay=1.0))
    assert plain[2] == pytest.approx(1.5 * log(3))


def test_the_reminder_is_a_share_of_the_best_that_is_not_on_screen() -> None:
    reminded = score(ROWS, [2, 1, 0], replace(PARAMS, reminder=0.25))
    plain = score(ROWS, [2, 1, 0], PARAMS)
    best = max(plain[product] for product in (1, 2, 3))
    assert reminded[1] == pytest.approx(plain[1] + 0.25 * 0.5 * best)
    assert reminded[2] == pytest.approx(plain[2] + 0.25 * 0.25 * best)
    assert (reminded[0], reminded[3]) == (plain[0], plain[3])


def test_of_neighbours_alike_the_later_speaks() -> None:
    assert score(ROWS, [1, 0], replace(PARAMS, neighbours=1)).keys() == {0, 1, 3}


def test_only_the_latest_sessions_of_a_product_are_looked_through() -> None:
    assert score(ROWS, [1], replace(PARAMS, sample=1)).keys() == {0, 1, 3}


def test_a_neighbour_of_old_clicks_alone_says_less() -> None:
    # 4 leads to session 2 only; clicked before 2, its weight counts in likeness and once more.
    assert score(ROWS, [4, 2], PARAMS)[3] == pytest.approx(0.5 * 0.5 * log(3 / 2))


def test_a_session_without_known_products_has_no_scores() -> None:
    assert score(ROWS, [-1], PARAMS) == {}
    assert score(ROWS, [11], PARAMS) == {}


@pytest.mark.parametrize("seed", range(60))
def test_scores_and_lists_agree_with_those_worked_out_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, params = random_rows(rng, unknown=seed % 2 == 1), random_params(rng)
    sessions = sessions_of(rows)
    slot = SessionSlot.fit(clicks_of(rows), params)
    for _ in range(8):
        running = rng.integers(-1, N_PRODUCTS, rng.integers(1, 9)).tolist()
        found = slot.model.score(Running.from_clicks(running, N_PRODUCTS)).toarray()[0]
        expected = scores(sessions, running, params)
        assert found == pytest.approx([expected.get(p, 0.0) for p in range(N_PRODUCTS)])
        items = slot.predict(running, 6).items[0]
        listed = items[items >= 0]
        worked_out = ranked(sessions, running, params, N_PRODUCTS, 6)
        # Sums equal on paper may differ in their last bit: such products may change places.
        assert sorted(round(found[p], 9) for p in listed) == sorted(
            round(found[p], 9) for p in worked_out
        )
        clear = len({round(value, 6) for value in expected.values()}) == len(expected)
        assert not clear or listed.tolist() == worked_out


def test_neither_batches_nor_the_order_of_rows_change_a_bit() -> None:
    rng = np.random.default_rng(5)
    rows, asked = random_rows(rng), random_rows(rng)
    shuffled = [rows[place] for place in rng.permutation(len(rows))]
    slot = SessionSlot.fit(clicks_of(rows), PARAMS)
    other = SessionSlot.fit(clicks_of(shuffled), PARAMS)
    questions = Questions.of(clicks_of(asked))
    (batch,) = questions.batches()
    together = slot.model.score(batch).toarray()
    begins = questions.clicks.starts[questions.session]
    for row, (first, last) in enumerate(zip(begins, questions.asked, strict=True)):
        running = Running.from_clicks(questions.clicks.product[first:last], N_PRODUCTS)
        assert np.array_equal(slot.model.score(running).toarray()[0], together[row])
        assert np.array_equal(other.model.score(running).toarray()[0], together[row])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"neighbours": 0}, r"neighbours is 0: it must lie in \[1, "),
        ({"sample": 2.5}, "sample is 2.5: a whole number"),
        ({"click_decay": 1.5}, r"click_decay is 1.5: it must lie in \[0.01, 1\]"),
        ({"gap_decay": float("nan")}, "gap_decay is nan"),
        ({"repeats": "some"}, "repeats is 'some': allowed or new"),
    ],
)
def test_parameters_out_of_range_are_told(values: dict, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        SessionParams(**values)


def test_nothing_to_learn_from_is_told() -> None:
    with pytest.raises(InputError, match="nothing to learn from"):
        SessionKnn.fit(Clicks.from_arrays([1], [-1], [1], 3), PARAMS)
