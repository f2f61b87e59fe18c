"""The best products of each row of factors, exactly, by their inner product.

Products of factors are made a tile at a time, which stays in the processor's cache; almost nothing
of a tile is above the least that a row keeps already. Columns come longest first, so that this
least rises at once, and a row is done as soon as its length times that of the next column is below
it (Teflioudi, Gemulla and Mykytiuk, "LEMP", SIGMOD 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Sparse
from trasos.recommender.factors.chunks import chunks, in_threads
from trasos.recommender.factors.scan import keep_tile, order_exactly
from trasos.recommender.threads import one_blas_thread

ROWS_OF_A_TILE, COLUMNS_OF_A_TILE = 512, 1024
"""2 MB a tile of float32: near the processor, and large enough for the matrix product."""

SPARE = 16
"""Kept beyond those asked for: float32 sums may put the n-th below them."""


@dataclass(frozen=True)
class Best:
    """The best columns of each row.

    Attributes:
        items: int32 of shape (n_rows, n), in falling order of score, of equals the lower column
            first; -1 where none was left.
        scores: float32 of shape (n_rows, n); nan where none was left.
    """

    items: Codes
    scores: Floats


def best_products(
    rows: Floats,
    columns: Floats,
    n: int,
    *,
    barred: Sparse | None = None,
    candidates: Flags | None = None,
    n_threads: int = 0,
) -> Best:
    """The columns with the highest inner products with each row.

    A score is the sum in float64, rounded to float32; lists are in its exact order. They do not
    depend on the number of threads, on which rows are asked for together, or on BLAS. A row or
    column of zeros knows nothing, and is not listed.

    Beside its arguments, a copy of ``columns`` and the answer it takes some 3 MB a thread.

    Args:
        rows: float32 of shape (n_rows, k).
        columns: float32 of shape (n_columns, k).
        n: length of the lists, at least 1.
        barred: CSR of shape (n_rows, n_columns): stored cells are not listed, be they zero.
        candidates: bool of shape (n_columns,): what may be listed; all where not given.
        n_threads: 0 for all cores.

    Raises:
        ValueError: a factor is no number.
    """
    if barred is not None and not barred.has_sorted_indices:
        barred = barred.sorted_indices()
    rows, columns = (np.ascontiguousarray(each, np.float32) for each in (rows, columns))
    lengths = lengths_of(columns)
    if not np.isfinite(lengths).all() or not np.isfinite(lengths_of(rows)).all():
        raise ValueError("factors hold nan or infinity: they were not trained to an end")
    may = lengths > 0 if candidates is None else (lengths > 0) & candidates
    codes = np.flatnonzero(may).astype(np.int32)
    codes = codes[np.argsort(-lengths[codes], kind="stable")]
    best = Best(np.full((len(rows), n), -1, np.int32), np.full((len(rows), n), np.nan, np.float32))
    search = _Search(columns, codes, lengths[codes], n)

    def answer(part: slice) -> None:
        search.answer(rows[part], _of_rows(barred, part), best.items[part], best.scores[part])

    with one_blas_thread():
        in_threads(answer, chunks(len(rows), ROWS_OF_A_TILE), n_threads)
    return best


def lengths_of(factors: Floats) -> Doubles:
    """The Euclidean length of each row, float64 of shape (n,)."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", factors, factors, dtype=np.float64)))


def noise(k: int) -> float:
    """How far a float32 sum of k products may lie from the truth, as a share of |x| |y|.

    In any order of its terms (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section
    3.1), and with what rounding the truth to float32 adds.
    """
    return (k + 4) * float(np.finfo(np.float32).eps) / 2


class _Search:
    """Columns in the order in which they are searched."""

    def __init__(self, columns: Floats, codes: Codes, lengths: Doubles, n: int) -> None:
        self.columns, self.codes, self.lengths, self.n = columns, codes, lengths, n
        self.sorted = columns[codes]
        self.share = noise(columns.shape[1])

    def answer(
        self,
        rows: Floats,
        barred: tuple[NDArray[np.int64], Codes],
        items: Codes,
        scores: Floats,
    ) -> None:
        """Fill in the lists of a block of rows."""
        m = self.n + SPARE
        kept = np.full((len(rows), m), -np.inf, np.float32), np.empty((len(rows), m), np.int32)
        n_kept = np.zeros(len(rows), np.int64)
        length = lengths_of(rows)
        active = np.flatnonzero(length > 0)
        tile = np.empty((len(rows), COLUMNS_OF_A_TILE), np.float32)
        asked = rows[active]
        for part in chunks(len(self.codes), COLUMNS_OF_A_TILE):
            bound = length[active] * self.lengths[part.start] * (1 + self.share)
            going = (n_kept[active] < m) | (bound >= kept[0][active, 0])
            if not going.all():
                active = active[going]
                asked = rows[active]
            if len(active) == 0:
                break
            here = self.sorted[part]
            products = tile[: len(active), : len(here)]
            np.matmul(asked, here.T, out=products)
            keep_tile(products, self.codes[part], active, *barred, *kept, n_kept)
        longest = self.lengths[0] if len(self.lengths) else 0.0
        margins = (2 * self.share * longest * length).astype(np.float32)
        order_exactly(
            rows, self.columns, *kept, n_kept, margins, self.n, *barred, self.codes, items, scores
        )


def _of_rows(barred: Sparse | None, part: slice) -> tuple[NDArray[np.int64], Codes]:
    """Starts and sorted columns of the stored cells of some rows."""
    if barred is None:
        return np.zeros(part.stop - part.start + 1, np.int64), np.empty(0, np.int32)
    starts = barred.indptr[part.start : part.stop + 1].astype(np.int64)
    columns = barred.indices[starts[0] : starts[-1]].astype(np.int32)
    return starts - starts[0], columns
