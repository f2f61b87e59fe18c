"""Kernels of the best-n search: what to keep of a tile of products of factors, and the last order.

Kept is a heap a row whose root is the least: of two products the higher score is better, of equal
scores the lower column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from trasos.recommender.factors.compiling import kernel

WIDTH = 64
"""Scores that are compared with the least kept at once; hardly any is above it after some tiles."""


@kernel
def keep_tile(
    scores: Any,
    codes: Any,
    rows: Any,
    barred_starts: Any,
    barred: Any,
    kept_scores: Any,
    kept_codes: Any,
    n_kept: Any,
) -> None:
    """Put what is better than the least kept of each row into its heap.

    Args:
        scores: float32 of shape (len(rows), width), products of factors.
        codes: int32 of shape (width,), the column of each; of the tile's width.
        rows: int64, the row of the heaps that each line of scores belongs to.
        barred_starts: int64 of shape (n_rows + 1,), into ``barred``.
        barred: int32, columns that a row does not want, sorted.
        kept_scores: float32 of shape (n_rows, m), heaps.
        kept_codes: int32 of shape (n_rows, m), their columns.
        n_kept: int64 of shape (n_rows,), how full they are.
    """
    m = kept_scores.shape[1]
    width = len(codes)
    for line in range(len(rows)):
        row = rows[line]
        begins, ends = barred_starts[row], barred_starts[row + 1]
        heap, heap_codes, count = kept_scores[row], kept_codes[row], n_kept[row]
        least = heap[0] if count == m else np.float32(-np.inf)
        for begin in range(0, width, WIDTH):
            end = min(begin + WIDTH, width)
            above = np.int32(0)
            for j in range(begin, end):
                above = np.int32(above + np.int32(scores[line, j] > least))
            if above == 0:
                continue
            for j in range(begin, end):
                score = scores[line, j]
                if score > least and not _holds(barred, begins, ends, codes[j]):
                    count = _push(heap, heap_codes, count, score, codes[j])
                    if count == m:
                        least = heap[0]
        n_kept[row] = count


@kernel
def keep_both_ways(
    scores: Any, first: int, other: int, kept_scores: Any, kept_codes: Any, n_kept: Any, least: Any
) -> None:
    """Put what is better than the least kept into the heaps of rows and of columns.

    Args:
        scores: float32 of shape (a, b), products of rows first to first + a - 1 of factors with
            rows other to other + b - 1 of the same; the two do not overlap.
        first: see ``scores``.
        other: see ``scores``.
        kept_scores: see ``keep_tile``; one heap a row of factors.
        kept_codes: see ``keep_tile``; rows of factors.
        n_kept: see ``keep_tile``.
        least: float32 of shape (n_rows,), the least kept of each row; minus infinity where its
            heap is not full.
    """
    m = kept_scores.shape[1]
    height, width = scores.shape
    for i in range(height):
        row = first + i
        for begin in range(0, width, WIDTH):
            end = min(begin + WIDTH, width)
            own = least[row]
            above = np.int32(0)
            for j in range(begin, end):
                lower = min(least[other + j], own)
                above = np.int32(above + np.int32(scores[i, j] > lower))
            if above == 0:
                continue
            for j in range(begin, end):
                score, column = scores[i, j], other + j
                if score > least[row]:
                    n_kept[row] = _push(
                        kept_scores[row], kept_codes[row], n_kept[row], score, column
                    )
                    if n_kept[row] == m:
                        least[row] = kept_scores[row, 0]
                if score > least[column]:
                    n_kept[column] = _push(
                        kept_scores[column], kept_codes[column], n_kept[column], score, row
                    )
                    if n_kept[column] == m:
                        least[column] = kept_scores[column, 0]


@kernel
def order_exactly(
    factors: Any,
    columns: Any,
    kept_scores: Any,
    kept_codes: Any,
    n_kept: Any,
    margins: Any,
    n: int,
    barred_starts: Any,
    barred: Any,
    codes: Any,
    best_codes: Any,
    best_scores: Any,
) -> int:
    """Score what was kept with sums in float64, and write the best n of each row in their order.

    Where the least kept is so near the n-th that something left out might belong above it, all
    columns of that row are scored so.

    Args:
        factors: float32 of shape (n_rows, k).
        columns: float32 of shape (n_columns, k).
        kept_scores: see ``keep_tile``; scores of float32 sums. Used up.
        kept_codes: see ``keep_tile``. Used up.
        n_kept: see ``keep_tile``.
        margins: float32 of shape (n_rows,), how far two float32 sums can lie from the truth.
        n: length of the lists; less than m.
        barred_starts: see ``keep_tile``.
        barred: see ``keep_tile``.
        codes: int32, the columns that may be listed.
        best_codes: int32 of shape (n_rows, n), to be filled; -1 where nothing is left.
        best_scores: float32 of shape (n_rows, n), to be filled; nan where nothing is left.

    Returns:
        How many rows were scored wholly.
    """
    m = kept_scores.shape[1]
    wholly = 0
    for row in range(len(factors)):
        scores, found = kept_scores[row], kept_codes[row]
        count = n_kept[row]
        again = False
        if count == m:
            least = scores[0]
            # Taken out in rising order until n are left, the root is the n-th.
            for left in range(m, n, -1):
                _pop(scores, found, left)
            again = not (scores[0] - least > margins[row])
        if again:
            wholly += 1
            count = 0
            for j in range(len(codes)):
                code = codes[j]
                if not _holds(barred, barred_starts[row], barred_starts[row + 1], code):
                    score = _product(factors, row, columns, code)
                    if count < n or _is_better(score, code, scores[0], found[0]):
                        if count == n:
                            _pop(scores, found, count)
                            count -= 1
                        count = _push(scores, found, count, score, code)
        else:
            rescored = 0
            for j in range(count):
                # The heap grows over places whose entries were read already.
                code = found[j]
                score = _product(factors, row, columns, code)
                rescored = _push(scores, found, rescored, score, code)
        while count > n:
            _pop(scores, found, count)
            count -= 1
        for place in range(n):
            best_codes[row, place] = -1
            best_scores[row, place] = np.nan
        for left in range(count, 0, -1):
            best_codes[row, left - 1] = found[0]
            best_scores[row, left - 1] = scores[0]
            _pop(scores, found, left)
    return wholly


@kernel
def _is_better(score: Any, code: Any, other_score: Any, other_code: Any) -> Any:
    """Whether one stands before another: the higher score, of equals the lower column."""
    return score > other_score or (score == other_score and code < other_code)


@kernel
def _push(scores: Any, codes: Any, count: int, score: Any, code: Any) -> int:
    """Put one into a heap; where the heap is full it takes the root's place. Returns the count."""
    if count == len(scores):
        _settle(scores, codes, count, score, code)
        return count
    place = count
    while place > 0:
        parent = (place - 1) // 2
        if not _is_better(scores[parent], codes[parent], score, code):
            break
        scores[place], codes[place] = scores[parent], codes[parent]
        place = parent
    scores[place], codes[place] = score, code
    return count + 1


@kernel
def _pop(scores: Any, codes: Any, count: int) -> None:
    """Take the root out of a heap of so many; what lies behind the last is put to its end."""
    score, code = scores[0], codes[0]
    last = count - 1
    _settle(scores, codes, last, scores[last], codes[last])
    scores[last], codes[last] = score, code


@kernel
def _settle(scores: Any, codes: Any, count: int, score: Any, code: Any) -> None:
    """Let one sink from the root to its place among so many."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        other = child + 1
        if other < count and _is_better(scores[child], codes[child], scores[other], codes[other]):
            child = other
        if not _is_better(score, code, scores[child], codes[child]):
            break
        scores[place], codes[place] = scores[child], codes[child]
        place = child
    scores[place], codes[place] = score, code


@kernel
def _holds(barred: Any, begin: int, end: int, code: Any) -> Any:
    """Whether a column is among the sorted ones from begin to end - 1."""
    while begin < end:
        middle = (begin + end) // 2
        if barred[middle] < code:
            begin = middle + 1
        elif barred[middle] > code:
            end = middle
        else:
            return True
    return False


@kernel
def _product(factors: Any, row: int, columns: Any, code: Any) -> Any:
    """The inner product, summed in float64 and rounded to float32.

    In another order the sum has another last bit, which hardly ever decides how it is rounded.
    """
    total = 0.0
    for f in range(factors.shape[1]):
        total += np.float64(factors[row, f]) * np.float64(columns[code, f])
    return np.float32(total)
