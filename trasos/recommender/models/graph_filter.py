"""A graph filter: what a person took, blurred along the graph of who took what, then sharpened.

Two products are near where the same persons took both. Shen et al. ("How powerful is graph
convolution for recommendation?", CIKM 2021) showed that good recommenders are low-pass filters of
that graph, and that one of them needs no training but a singular value decomposition. Choi, Hong,
Park and Cho ("Blurring-sharpening process models for collaborative filtering", SIGIR 2023) sharpen
afterwards: what every blurred picture shares is taken back, so that the particular stands out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, diags_array
from sklearn.utils.extmath import randomized_svd

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Sparse
from trasos.recommender.models.model import opinion
from trasos.recommender.threads import one_blas_thread

RUNGE_KUTTA_ORDER = 4
"""One step of Runge-Kutta on a linear equation is its Taylor series, so far."""


@dataclass(frozen=True)
class Filter:
    """How to blur and to sharpen; what the authors found good for check-ins.

    Attributes:
        dimensions: singular vectors of the ideal low-pass filter, the smoothest of the graph.
        smooth: weight of the ideal filter beside one step along the graph.
        sharpening: time for which is sharpened; 0 leaves the blurred scores.
        seed: of the decomposition.
    """

    dimensions: int = 448
    smooth: float = 0.2
    sharpening: float = 2.5
    seed: int = 7


@dataclass(frozen=True)
class GraphFilter:
    """The graph, its smoothest directions, and what each person's picture is.

    With R the matrix, its rows and columns divided by the square roots of their sums to give N,
    and P = N'N, a person's row r is blurred to b = rP + smooth * r D^-1/2 VV' D^1/2, where D holds
    the columns' sums. Then dS/dt = -SP is followed from b over the time of sharpening.

    Attributes:
        steps: float32 CSR (n_persons + 1, n_products), N.
        back: float32 CSR (n_products, n_persons + 1), its transpose.
        directions: float32 (n_products, dimensions), V.
        root: float32 (n_products,), the square root of D; 0 for a product nobody took.
        history: float32 CSR (n_persons + 1, n_products), what each person took.
        how: to blur and to sharpen.
        name: see ``Model``.
    """

    steps: Sparse
    back: Sparse
    directions: Floats
    root: Floats
    history: Sparse
    how: Filter
    name: str = "graph_filter"

    @classmethod
    def fit(cls, matrix: Sparse, how: Filter) -> GraphFilter:
        """Decompose a person x product matrix; nothing else is learnt.

        Args:
            matrix: float32 CSR of shape (n_persons + 1, n_products), weights not below zero.
            how: to blur and to sharpen; fewer dimensions where the matrix has no more.
        """
        rows, columns = (np.asarray(matrix.sum(axis=axis), np.float64).ravel() for axis in (1, 0))
        steps = diags_array(_inverse_root(rows)) @ matrix @ diags_array(_inverse_root(columns))
        steps = csr_array(steps, dtype=np.float32)
        dimensions = min(how.dimensions, *steps.shape)
        with one_blas_thread():
            _, _, smoothest = randomized_svd(
                steps, dimensions, n_oversamples=64, n_iter=4, random_state=how.seed
            )
        directions = np.ascontiguousarray(smoothest.T, dtype=np.float32)
        root = np.sqrt(columns).astype(np.float32)
        return cls(steps, csr_array(steps.T), directions, root, matrix, how)

    def but(self, *, smooth: float, sharpening: float) -> GraphFilter:
        """The same decomposition, blurred and sharpened otherwise."""
        return replace(self, how=replace(self.how, smooth=smooth, sharpening=sharpening))

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """The sharpened picture of what each person took; see ``Model``."""
        return opinion(self._filtered(self.history[persons].toarray()))

    def score_items(self, items: Codes) -> Floats:
        """The sharpened picture of each seed product alone; see ``Model``."""
        seeds = np.zeros((len(items), len(self.root)), np.float32)
        seeds[np.arange(len(items)), items] = 1
        return opinion(self._filtered(seeds))

    def _filtered(self, signals: Floats) -> Floats:
        """Blur and sharpen rows, each for itself; float32 (b, n_products) in and out."""
        # Columns of the product with a sparse matrix are summed one by one: a batch changes none.
        pictures = np.ascontiguousarray(signals.T)
        weights = self.root[:, None]
        inverse = _inverse_root(self.root.astype(np.float64) ** 2).astype(np.float32)[:, None]
        blurred = self._stepped(pictures)
        if self.how.smooth > 0:
            with one_blas_thread():
                smooth = self.directions @ (self.directions.T @ (inverse * pictures))
            blurred += np.float32(self.how.smooth) * (weights * smooth)
        sharpened, term = blurred, blurred
        for order in range(1, RUNGE_KUTTA_ORDER + 1 if self.how.sharpening > 0 else 1):
            term = np.float32(-self.how.sharpening / order) * self._stepped(term)
            sharpened = sharpened + term
        return np.ascontiguousarray(sharpened.T)

    def _stepped(self, pictures: Floats) -> Floats:
        """P times columns (n_products, b), by way of the persons; P itself is never made."""
        return np.asarray(self.back @ (self.steps @ pictures), np.float32)


def _inverse_root(values: Doubles) -> Doubles:
    """One over the square root, 0 where the value is 0."""
    roots = np.zeros_like(values)
    roots[values > 0] = values[values > 0] ** -0.5
    return roots
