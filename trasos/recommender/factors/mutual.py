"""The products most like each product by the cosine of their factors, exactly.

A cosine is the same both ways, so each is computed once and offered to both products. Products are
laid beside those alike first, and each stretch is compared with itself before any other: then most
of the best are kept at once, and little that comes later is above the least of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.factors.chunks import chunks, in_threads, threads
from trasos.recommender.factors.scan import keep_both_ways, keep_tile, order_exactly
from trasos.recommender.factors.top import SPARE, Best, best_products, lengths_of, noise
from trasos.recommender.threads import one_blas_thread

Positions: TypeAlias = NDArray[np.int64]

STRETCH = 512
"""Products of a stretch: a tile of two is 1 MB of float32."""

PIVOTS = 256
"""Products that the others are laid beside: one matrix product of so many columns more."""


def best_cosines(
    factors: Floats,
    n: int,
    *,
    rows: Codes | None = None,
    candidates: Flags | None = None,
    n_threads: int = 0,
) -> Best:
    """The rows with the highest cosine with each row, itself left out.

    Exact, and the same on any number of threads, as ``best_products``. Beside factors and answer it
    takes two copies of the factors, what is kept of every row (n + 16 scores and codes), and some
    2 MB a thread.

    Args:
        factors: float32 of shape (n_items, k); rows of zeros know nothing and are not listed.
        n: length of the lists, at least 1.
        rows: int32, which rows to answer; all where not given.
        candidates: bool of shape (n_items,): what may be listed; all where not given.
        n_threads: 0 for all cores.

    Raises:
        ValueError: a factor is no number.
    """
    lengths = lengths_of(factors)
    if not np.isfinite(lengths).all():
        raise ValueError("factors hold nan or infinity: they were not trained to an end")
    unit = (factors / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)
    if rows is not None:
        return best_products(
            unit[rows],
            unit,
            n,
            barred=_itself(rows, len(unit)),
            candidates=candidates,
            n_threads=n_threads,
        )
    listed = lengths > 0 if candidates is None else (lengths > 0) & candidates
    best = Best(np.empty((len(unit), n), np.int32), np.empty((len(unit), n), np.float32))
    others = np.flatnonzero(~listed).astype(np.int32)
    of_others = best_cosines(factors, n, rows=others, candidates=candidates, n_threads=n_threads)
    best.items[others], best.scores[others] = of_others.items, of_others.scores
    codes = np.flatnonzero(listed).astype(np.int32)
    if len(codes):
        with one_blas_thread():
            _answer_mutually(unit, codes[_beside(unit[codes])], best, n_threads)
    return best


def _itself(rows: Codes, n_items: int) -> Sparse:
    ones = np.ones(len(rows), np.bool_)
    return csr_array((ones, rows, np.arange(len(rows) + 1)), shape=(len(rows), n_items))


def _beside(unit: Floats) -> Positions:
    """An order in which rows alike stand together: those nearest to the same one of some rows."""
    pivots = unit[:: len(unit) // PIVOTS + 1]
    nearest = [(unit[part] @ pivots.T).argmax(axis=1) for part in chunks(len(unit))]
    return np.argsort(np.concatenate(nearest), kind="stable")


def _answer_mutually(unit: Floats, codes: Codes, best: Best, n_threads: int) -> None:
    """Fill in the lists of the rows named by codes, among themselves."""
    search = _Mutual(unit[codes], best.items.shape[1])
    stretches = list(chunks(len(codes), STRETCH))
    in_threads(search.within, stretches, n_threads)
    for pairs in _rounds(stretches, threads(n_threads)):
        in_threads(search.between_all, pairs, n_threads)
    in_threads(partial(search.finish, unit, codes, best), stretches, n_threads)


def _rounds(
    stretches: Sequence[slice], n_threads: int
) -> Iterator[list[list[tuple[slice, slice]]]]:
    """All pairs of stretches, in rounds of lists that share no stretch: a tournament of groups.

    In each round every group meets one other, and each list is for one thread (Kirkman's schedule
    by the circle method).
    """
    n_groups = 2 * n_threads
    groups = [stretches[group::n_groups] for group in range(n_groups)]
    yield [[(a, b) for at, a in enumerate(group) for b in group[at + 1 :]] for group in groups]
    circle = list(range(1, n_groups))
    for _ in range(n_groups - 1):
        seats = [0, *circle]
        yield [
            [(a, b) for a in groups[seats[place]] for b in groups[seats[-1 - place]]]
            for place in range(n_threads)
        ]
        circle = [circle[-1], *circle[:-1]]


class _Mutual:
    """What is kept of each row while stretches are compared."""

    def __init__(self, rows: Floats, n: int) -> None:
        n_rows, m = len(rows), n + SPARE
        self.rows, self.n, self.m = rows, n, m
        self.kept = np.full((n_rows, m), -np.inf, np.float32), np.zeros((n_rows, m), np.int32)
        self.n_kept = np.zeros(n_rows, np.int64)
        self.least = np.full(n_rows, -np.inf, np.float32)
        self.places = np.arange(n_rows + 1)

    def within(self, part: slice) -> None:
        """Compare a stretch with itself."""
        own, here = self.rows[part], self.places[part]
        places = here.astype(np.int32)
        keep_tile(
            own @ own.T,
            places,
            here,
            self.places,
            self.places.astype(np.int32),
            *self.kept,
            self.n_kept,
        )
        full = here[self.n_kept[part] == self.m]
        self.least[full] = self.kept[0][full, 0]

    def between_all(self, pairs: Sequence[tuple[slice, slice]]) -> None:
        """Compare stretches with one another."""
        tile = np.empty(STRETCH * STRETCH, np.float32)
        for one, other in pairs:
            a, b = self.rows[one], self.rows[other]
            scores = tile[: len(a) * len(b)].reshape(len(a), len(b))
            np.matmul(a, b.T, out=scores)
            keep_both_ways(scores, one.start, other.start, *self.kept, self.n_kept, self.least)

    def finish(self, unit: Floats, codes: Codes, best: Best, part: slice) -> None:
        """Fill in the lists of a stretch, in the codes of all rows."""
        n_rows = part.stop - part.start
        items = np.empty((n_rows, self.n), np.int32)
        scores = np.empty((n_rows, self.n), np.float32)
        order_exactly(
            self.rows[part],
            unit,
            self.kept[0][part],
            codes[self.kept[1][part]],
            self.n_kept[part],
            np.full(n_rows, 2.1 * noise(unit.shape[1]), np.float32),
            self.n,
            np.arange(n_rows + 1),
            codes[part],
            codes,
            items,
            scores,
        )
        best.items[codes[part]], best.scores[codes[part]] = items, scores
