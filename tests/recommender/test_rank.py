import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array

from trasos.recommender.rank import BLOCK_CELLS, allowed_block, batches, stack, top_n

SCORES = st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 0.5, 0.5, 2.0])


@st.composite
def ladders(draw: st.DrawFn) -> tuple[list[np.ndarray], np.ndarray, int]:
    shape = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    rungs = [draw(hnp.arrays(np.float32, shape, elements=SCORES)) for _ in range(3)]
    return rungs, draw(hnp.arrays(np.bool_, shape)), draw(st.integers(1, 6))


def by_sorting(rungs: list[np.ndarray], allowed: np.ndarray, n: int, row: int) -> list[int]:
    """The same by plain Python: best rung, then score, then product."""
    keyed = []
    for product in np.flatnonzero(allowed[row]):
        for step, scores in enumerate(rungs):
            if np.isfinite(scores[row, product]):
                keyed.append((step, -scores[row, product], product))
                break
    return [int(product) for _, _, product in sorted(keyed)[:n]]


@given(ladders())
def test_lists_are_those_of_a_plain_sort(case: tuple[list[np.ndarray], np.ndarray, int]) -> None:
    rungs, allowed, n = case
    top = top_n([lambda rows, s=scores: s[rows] for scores in rungs], allowed, n)
    for row in range(len(allowed)):
        expected = by_sorting(rungs, allowed, n, row)
        assert top.items[row].tolist() == expected + [-1] * (n - len(expected))
        for place, product in enumerate(expected):
            step = len(rungs) - 1 - top.rungs[row, place]
            assert top.scores[row, place] == rungs[step][row, product]
    falling = top.falling_scores()
    listed = top.items[:, 1:] >= 0
    assert (np.diff(falling, axis=1)[listed] <= 0).all()


def test_lower_rungs_are_asked_only_for_rows_still_short() -> None:
    asked: list[list[int]] = []

    def fallback(rows: np.ndarray) -> np.ndarray:
        asked.append(rows.tolist())
        return np.ones((len(rows), 3), np.float32)

    first = np.array([[1, 2, 3], [1, -np.inf, -np.inf]], np.float32)
    top = top_n([lambda rows: first[rows], fallback], np.ones((2, 3), bool), 2)
    assert asked == [[1]]
    assert top.items.tolist() == [[2, 1], [0, 1]]


def test_barred_cells_are_not_allowed() -> None:
    barred = csr_array(np.array([[1.0, 0, 0], [0, 0, 0]]))
    candidates = np.array([True, True, False])
    allowed = allowed_block(2, candidates, barred)
    assert allowed.tolist() == [[False, True, False], [True, True, False]]


def test_batches_cover_all_rows_within_bounds() -> None:
    n_products = BLOCK_CELLS // 3
    slices = list(batches(8, n_products))
    assert [(part.start, part.stop) for part in slices] == [(0, 3), (3, 6), (6, 8)]
    assert list(batches(0, 5)) == []
    assert stack([], 4).items.shape == (0, 4)
