"""The best products of factors, held to a plain sort of all of them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array

from trasos.recommender.arrays import Flags, Floats
from trasos.recommender.factors import top
from trasos.recommender.factors.top import SPARE, Best, best_products
from trasos.recommender.rank import top_n


def plainly(
    rows: Floats, columns: Floats, n: int, barred: Flags, candidates: Flags
) -> tuple[list[list[int]], np.ndarray]:
    """Lists by Python's sort of all scores, summed in float64, and the scores."""
    scores = (rows.astype(np.float64) @ columns.T.astype(np.float64)).astype(np.float32)
    may = ~barred & candidates & columns.any(axis=1) & rows.any(axis=1)[:, None]
    lists = []
    for row in range(len(rows)):
        allowed = np.flatnonzero(may[row]).tolist()
        lists.append(sorted(allowed, key=lambda j, r=row: (-scores[r, j], j))[:n])
    return lists, scores


def assert_same(best: Best, lists: list[list[int]], scores: np.ndarray) -> None:
    n = best.items.shape[1]
    for row, expected in enumerate(lists):
        assert best.items[row].tolist() == expected + [-1] * (n - len(expected))
        assert best.scores[row, : len(expected)].tolist() == scores[row, expected].tolist()
        assert np.isnan(best.scores[row, len(expected) :]).all()


@st.composite
def searches(draw: st.DrawFn) -> tuple[Floats, Floats, int, Flags, Flags]:
    """Small whole numbers: many ties, zeros, negative scores, and every sum without rounding."""
    k, n_rows, n_columns = (
        draw(st.integers(1, 5)),
        draw(st.integers(0, 5)),
        draw(st.integers(1, 60)),
    )
    whole = st.integers(-2, 2).map(float)
    rows = draw(hnp.arrays(np.float32, (n_rows, k), elements=whole))
    columns = draw(hnp.arrays(np.float32, (n_columns, k), elements=whole))
    barred = draw(hnp.arrays(np.bool_, (n_rows, n_columns)))
    return rows, columns, draw(st.integers(1, 8)), barred, draw(hnp.arrays(np.bool_, n_columns))


@settings(max_examples=100, deadline=None)
@given(searches())
def test_lists_are_those_of_a_plain_sort(
    case: tuple[Floats, Floats, int, Flags, Flags],
) -> None:
    rows, columns, n, barred, candidates = case
    best = best_products(
        rows, columns, n, barred=csr_array(barred), candidates=candidates, n_threads=1
    )
    assert_same(best, *plainly(rows, columns, n, barred, candidates))


def skewed(n_rows: int, n_columns: int, k: int, seed: int) -> tuple[Floats, Floats, Flags]:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(n_rows, k)).astype(np.float32)
    columns = draw.normal(size=(n_columns, k)) * draw.lognormal(0, 1, (n_columns, 1))
    return rows, columns.astype(np.float32), draw.random((n_rows, n_columns)) < 0.02


def all_alike(n_rows: int, n_columns: int, k: int, seed: int) -> tuple[Floats, Floats, Flags]:
    """Every column the same: the order is that of columns, and no bound leaves anything out."""
    rows, columns, barred = skewed(n_rows, n_columns, k, seed)
    return rows, np.repeat(columns[:1], n_columns, axis=0), barred


def nearly_alike(n_rows: int, n_columns: int, k: int, seed: int) -> tuple[Floats, Floats, Flags]:
    """Columns that differ by less than what float32 sums are off by."""
    rows, columns, barred = all_alike(n_rows, n_columns, k, seed)
    noise = np.random.default_rng(seed).normal(size=columns.shape) * 1e-7
    return rows, (columns * (1 + noise)).astype(np.float32), barred


def everything_bought(
    n_rows: int, n_columns: int, k: int, seed: int
) -> tuple[Floats, Floats, Flags]:
    rows, columns, barred = skewed(n_rows, n_columns, k, seed)
    barred[::2] = True
    barred[1::2, n_columns // 3 :] = True
    return rows, columns, barred


def all_negative(n_rows: int, n_columns: int, k: int, seed: int) -> tuple[Floats, Floats, Flags]:
    rows, columns, barred = skewed(n_rows, n_columns, k, seed)
    return np.abs(rows), -np.abs(columns), barred


def the_best_come_last(
    n_rows: int, n_columns: int, k: int, seed: int
) -> tuple[Floats, Floats, Flags]:
    """Short columns in the rows' direction, long ones across it: length misleads."""
    rows, columns, barred = skewed(n_rows, n_columns, k, seed)
    rows[:, 1:] = 0
    columns[: n_columns // 2, 0] = 0
    return rows, columns, barred


@pytest.mark.parametrize(
    "make", [skewed, all_alike, nearly_alike, everything_bought, all_negative, the_best_come_last]
)
@pytest.mark.parametrize(("n_columns", "n"), [(700, 10), (3000, 50), (5, 10)])
def test_adversaries_get_the_lists_of_a_plain_sort(
    make: Callable[[int, int, int, int], tuple[Floats, Floats, Flags]], n_columns: int, n: int
) -> None:
    rows, columns, barred = make(40, n_columns, 24, 3)
    rows[7] = 0
    columns[:: n_columns // 3] = 0
    best = best_products(rows, columns, n, barred=csr_array(barred))
    assert_same(best, *plainly(rows, columns, n, barred, np.ones(n_columns, np.bool_)))


def test_ties_are_broken_as_the_ladder_breaks_them() -> None:
    draw = np.random.default_rng(5)
    rows = draw.integers(1, 3, (30, 4)).astype(np.float32)
    columns = draw.integers(1, 3, (500, 4)).astype(np.float32)
    ladder = top_n([lambda asked: (rows @ columns.T)[asked]], np.ones((30, 500), np.bool_), 20)
    best = best_products(rows, columns, 20)
    assert np.array_equal(best.items, ladder.items)
    assert np.array_equal(best.scores, ladder.scores)


def test_answers_hang_neither_on_threads_nor_on_tiles_nor_on_company(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, columns, barred = skewed(1300, 2500, 24, 9)
    stored = csr_array(barred)
    whole = best_products(rows, columns, 20, barred=stored, n_threads=1)
    two = best_products(rows, columns, 20, barred=stored, n_threads=2)
    alone = best_products(rows[700:701], columns, 20, barred=stored[700:701])
    monkeypatch.setattr(top, "ROWS_OF_A_TILE", 37)
    monkeypatch.setattr(top, "COLUMNS_OF_A_TILE", 101)
    odd = best_products(rows, columns, 20, barred=stored)
    for other in (two, odd):
        assert np.array_equal(whole.items, other.items)
        assert np.array_equal(whole.scores, other.scores)
    assert np.array_equal(whole.items[700], alone.items[0])
    assert np.array_equal(whole.scores[700], alone.scores[0])


def test_what_is_stored_as_zero_is_barred_too() -> None:
    rows, columns = np.ones((1, 2), np.float32), np.ones((3, 2), np.float32)
    barred = csr_array((np.zeros(1), np.array([0]), np.array([0, 1])), shape=(1, 3))
    assert best_products(rows, columns, 3, barred=barred).items.tolist() == [[1, 2, -1]]


def test_columns_out_of_order_in_a_row_are_barred_all_the_same() -> None:
    rows, columns = np.ones((1, 2), np.float32), np.ones((6, 2), np.float32)
    barred = csr_array((np.ones(3), np.array([5, 0, 3]), np.array([0, 3])), shape=(1, 6))
    assert best_products(rows, columns, 6, barred=barred).items.tolist() == [[1, 2, 4, -1, -1, -1]]


def test_factors_that_are_no_numbers_are_refused() -> None:
    rows, columns, _ = skewed(3, 5, 4, 0)
    columns[2, 1] = np.nan
    with pytest.raises(ValueError, match="nan or infinity"):
        best_products(rows, columns, 2)


def test_memory_is_some_tiles_a_copy_of_the_columns_and_the_answer() -> None:
    """All scores would be 0.64 GB."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(8_000, 32)).astype(np.float32)
    columns = draw.normal(size=(20_000, 32)).astype(np.float32)
    # What compiling and loading take is not of the search.
    best_products(rows[:5], columns[:5], 2, n_threads=1)
    tracemalloc.start()
    best_products(rows, columns, 20, n_threads=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000 * 20 * 8 + columns.nbytes + 4e6


def test_some_more_are_kept_than_asked_for() -> None:
    """Else every row with a near tie at its end would be scored wholly."""
    assert SPARE > 0
