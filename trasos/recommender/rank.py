"""From scores to lists: the best products of each row, falling down a ladder of models.

Order is total: by rung, then by score, then by the product's code. It is therefore the same in
every run, and a product of a higher rung always stands before one of a lower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Sparse

BLOCK_CELLS = 4_000_000
"""Cells of one batch's block: some 16 MB a float32 array, whatever the size of the shop."""

Rung: TypeAlias = Callable[[NDArray[np.intp]], Floats]
"""Asked for some rows of the batch, gives their scores, shape (len(rows), n_products); minus
infinity where it has no opinion. Lower rungs are asked only for rows still short."""


@dataclass(frozen=True)
class TopN:
    """The best products of each row.

    Attributes:
        items: int32 of shape (b, n), product codes in falling order; -1 where none was left.
        rungs: int32 of shape (b, n), the rung each came from, 0 the lowest; -1 where none.
        scores: float32 of shape (b, n), the score on that rung; nan where none.
    """

    items: Codes
    rungs: Codes
    scores: Floats

    def falling_scores(self) -> Doubles:
        """Rung + s / (1 + s): one number that never rises with rank; s is cut at zero.

        The integer part names the rung, the fraction orders within it. Only the order within one
        list means something.
        """
        positive = np.maximum(self.scores.astype(np.float64), 0)
        return np.asarray(self.rungs + positive / (1 + positive), np.float64)


def top_n(ladder: Sequence[Rung], allowed: Flags, n: int) -> TopN:
    """Take each row's best products, falling down the ladder where a model has no opinion.

    Args:
        ladder: the most trusted rung first; a lower one fills what those above left open.
        allowed: bool of shape (b, n_products); other cells are never taken.
        n: length of the lists.
    """
    shape = len(allowed), n
    top = TopN(
        items=np.full(shape, -1, np.int32),
        rungs=np.full(shape, -1, np.int32),
        scores=np.full(shape, np.nan, np.float32),
    )
    still_open = allowed.copy()
    taken = np.zeros(len(allowed), np.intp)
    for step, rung in enumerate(ladder):
        short = np.flatnonzero(taken < n)
        if len(short) == 0:
            break
        scores = np.where(still_open[short], rung(short), np.float32(-np.inf))
        rows, items = best_cells(scores, n)
        order = np.lexsort((items, -scores[rows, items], rows))
        rows, items = rows[order], items[order]
        place = taken[short][rows] + np.arange(len(rows)) - np.searchsorted(rows, rows)
        fits = place < n
        rows, items, place = rows[fits], items[fits], place[fits]
        target = short[rows], place
        top.items[target] = items
        top.rungs[target] = len(ladder) - 1 - step
        top.scores[target] = scores[rows, items]
        still_open[short[rows], items] = False
        taken += np.bincount(short[rows], minlength=len(allowed))
    return top


def allowed_block(n_rows: int, candidates: Flags, barred: Sparse | None) -> Flags:
    """Which products may be recommended in each row.

    Args:
        n_rows: rows of the block.
        candidates: bool of shape (n_products,), the same for every row.
        barred: CSR with one row a row of the block; stored cells are not allowed.
    """
    allowed = np.repeat(candidates[None, :], n_rows, axis=0)
    if barred is not None:
        rows = np.repeat(np.arange(n_rows), np.diff(barred.indptr))
        allowed[rows, barred.indices] = False
    return allowed


def batches(n_rows: int, n_products: int) -> Iterator[slice]:
    """Slices of rows whose blocks stay within ``BLOCK_CELLS``."""
    size = max(1, BLOCK_CELLS // max(1, n_products))
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def stack(parts: Sequence[TopN], n: int) -> TopN:
    """Put batches below one another; no batch gives an empty answer of n columns."""
    if not parts:
        empty = np.empty((0, n), np.int32)
        return TopN(empty, empty, empty.astype(np.float32))
    return TopN(
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.rungs for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def best_cells(scores: Floats, n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the n largest finite scores of each row; ties go to lower columns."""
    n_products = scores.shape[1]
    if n_products <= n:
        found = np.nonzero(np.isfinite(scores))
        return found[0], found[1]
    nth = np.partition(scores, n_products - n, axis=1)[:, [n_products - n]]
    above = scores > nth
    level = (scores == nth) & np.isfinite(nth)
    room = n - above.sum(axis=1, keepdims=True)
    if (level.sum(axis=1, keepdims=True) > room).any():
        level &= level.cumsum(axis=1) <= room
    found = np.nonzero(above | level)
    return found[0], found[1]
