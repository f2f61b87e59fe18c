"""The products most alike, held to a plain sort of all cosines."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recommender.factors.test_top import assert_same, plainly, skewed
from trasos.recommender.arrays import Flags, Floats
from trasos.recommender.factors import best_cosines, mutual


def factors_of_a_shop(n: int = 1500, k: int = 24) -> Floats:
    """Clusters, a product without factors, one twice as long as another, many the same."""
    draw = np.random.default_rng(2)
    centres = draw.normal(size=(12, k))
    factors = centres[draw.integers(0, 12, n)] + 0.5 * draw.normal(size=(n, k))
    factors[[3, 900]] = 0
    factors[50] = 4 * factors[51]
    factors[100:300] = factors[100]
    return factors.astype(np.float32)


def plain_cosines(factors: Floats, n: int, candidates: Flags) -> tuple[list[list[int]], np.ndarray]:
    length = np.linalg.norm(factors.astype(np.float64), axis=1, keepdims=True)
    unit = (factors / np.where(length > 0, length, 1)).astype(np.float32)
    return plainly(unit, unit, n, np.eye(len(factors), dtype=np.bool_), candidates)


@pytest.mark.parametrize("share", [1.0, 0.7, 0.0])
def test_lists_are_those_of_a_plain_sort(share: float) -> None:
    factors = factors_of_a_shop()
    candidates = np.random.default_rng(0).random(len(factors)) < share
    best = best_cosines(factors, 20, candidates=candidates)
    assert_same(best, *plain_cosines(factors, 20, candidates))
    some = np.array([51, 3, 1499], np.int32)
    part = best_cosines(factors, 20, rows=some, candidates=candidates)
    assert np.array_equal(part.items, best.items[some])
    assert np.array_equal(part.scores, best.scores[some], equal_nan=True)


@pytest.mark.parametrize("n_items", [1, 2, 9])
def test_where_there_are_fewer_products_than_a_list_is_long_it_ends_early(n_items: int) -> None:
    factors = skewed(1, n_items, 8, 4)[1]
    best = best_cosines(factors, 10)
    assert_same(best, *plain_cosines(factors, 10, np.ones(n_items, np.bool_)))


def test_answers_hang_neither_on_threads_nor_on_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    factors = factors_of_a_shop()
    one = best_cosines(factors, 20, n_threads=1)
    three = best_cosines(factors, 20, n_threads=3)
    monkeypatch.setattr(mutual, "STRETCH", 77)
    monkeypatch.setattr(mutual, "PIVOTS", 5)
    odd = best_cosines(factors, 20, n_threads=2)
    for other in (three, odd):
        assert np.array_equal(one.items, other.items)
        assert np.array_equal(one.scores, other.scores, equal_nan=True)


@pytest.mark.parametrize("n_threads", [1, 2, 3, 5])
def test_every_two_stretches_meet_once_and_never_twice_in_a_round(n_threads: int) -> None:
    stretches = [slice(at, at + 1) for at in range(13)]
    met = []
    for lists in mutual._rounds(stretches, n_threads):
        busy = [{each.start for pair in pairs for each in pair} for pairs in lists]
        assert sum(map(len, busy)) == len(set().union(*busy))
        met += [frozenset((a.start, b.start)) for pairs in lists for a, b in pairs]
    assert len(met) == len(set(met)) == 13 * 12 // 2


def test_factors_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="nan or infinity"):
        best_cosines(np.full((3, 2), np.inf, np.float32), 2)
