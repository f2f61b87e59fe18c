"""The log as sparse matrices: what each person did with each product, as of a moment."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Doubles, Sparse
from trasos.recommender.data import InteractionLog
from trasos.recommender.decay import decayed


def person_product(log: InteractionLog, as_of: int, half_life_days: float) -> Sparse:
    """How much each person took to each product before a moment.

    The decayed weights of a pair are summed, divided by the mean over all pairs, and damped by
    log(1 + x), so that one person who comes back to one product all day neither makes it popular
    nor fills a factor alone. Popularity and ALS learn from this same matrix: what ALS finds beyond
    popularity is then taste, not a better way of counting.

    Args:
        log: interactions.
        as_of: seconds; rows at or after it do not count.
        half_life_days: days after which an event counts half.

    Returns:
        float32 CSR of shape (n_persons + 1, n_products). The last row is empty: code -1, a person
        without history, points to it. Pairs whose weight fell to zero are not stored.
    """
    past = log.before(as_of)
    weight = decayed(past.weight, past.event_at, as_of, half_life_days)
    matrix = pair_matrix(past.person, past.product, weight, log.n_persons + 1, log.n_products)
    matrix = matrix.astype(np.float32)
    matrix.eliminate_zeros()
    if matrix.nnz:
        matrix.data = np.log1p(matrix.data / matrix.data.mean(dtype=np.float64)).astype(np.float32)
        matrix.eliminate_zeros()
    return matrix


def seen_products(log: InteractionLog) -> Sparse:
    """The products that each person met: CSR of ones, shape (n_persons + 1, n_products)."""
    ones = np.ones(log.n_events)
    matrix = pair_matrix(log.person, log.product, ones, log.n_persons + 1, log.n_products)
    matrix.data[:] = 1.0
    return matrix.astype(np.float32)


def pair_matrix(
    rows: Codes, columns: Codes, values: Doubles, n_rows: int, n_columns: int
) -> Sparse:
    """Sum values by (row, column) into a float64 CSR with sorted indices."""
    matrix = csr_array((values.astype(np.float64), (rows, columns)), shape=(n_rows, n_columns))
    matrix.sum_duplicates()
    return matrix


def strongest(matrix: Sparse, n: int) -> Sparse:
    """Keep the n largest entries of each row; ties go to the lower column.

    Args:
        matrix: CSR without duplicates.
        n: entries of a row at most.

    Returns:
        CSR of the same shape and dtype, indices sorted.
    """
    matrix.sort_indices()
    bounds = matrix.indptr
    long = np.flatnonzero(np.diff(bounds) > n)
    if len(long) == 0:
        return matrix
    kept = np.ones(matrix.nnz, np.bool_)
    for begin, end in zip(bounds[long], bounds[long + 1], strict=True):
        row = matrix.data[begin:end]
        nth = np.partition(row, len(row) - n)[len(row) - n]
        above, level = row > nth, np.flatnonzero(row == nth)
        kept[begin:end] = above
        kept[begin + level[: n - int(above.sum())]] = True
    lengths = np.add.reduceat(kept, bounds[:-1][np.diff(bounds) > 0], dtype=np.int64)
    per_row = np.zeros(matrix.shape[0], np.int64)
    per_row[np.diff(bounds) > 0] = lengths
    indptr = np.concatenate([[0], np.cumsum(per_row)]).astype(bounds.dtype)
    return csr_array((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)
