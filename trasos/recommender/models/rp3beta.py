"""RP3beta: where a walk of three steps from a person ends, the popular held back.

A walk goes from a person to a product of theirs, from there to another person who took it, and to
a product of that person. Paudel, Christoffel, Newell and Bernstein (2017) raise the probability of
each step to a power alpha and divide by the end product's degree to a power beta, so that what
everybody takes does not win everywhere. The last two steps depend on products alone: they are an
item-item model, kept sparse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, diags_array, vstack

from trasos.recommender.arrays import Codes, Doubles, Flags, Floats, Sparse
from trasos.recommender.matrix import strongest
from trasos.recommender.models.model import opinion
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import batches


@dataclass(frozen=True)
class Rp3Beta:
    """Steps from product to product, and what each person walks from.

    Attributes:
        pairs: float32 CSR (n_products, n_products) without diagonal: from row to column.
        history: float32 CSR (n_persons + 1, n_products), weight of each person's products.
        name: see ``Model``.
    """

    pairs: Sparse
    history: Sparse
    name: str = "rp3beta"

    @classmethod
    def fit(cls, matrix: Sparse, params: RecommenderParams) -> Rp3Beta:
        """Walk over a person x product matrix; persons walk from what it holds of them.

        Args:
            matrix: float32 CSR of shape (n_persons + 1, n_products), weights not below zero.
            params: exponents and neighbours.
        """
        pairs = rp3beta(
            matrix, params.rp3beta_alpha, params.rp3beta_beta, params.rp3beta_neighbours
        )
        return cls(pairs, matrix)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Where the walks of each person end; see ``Model``."""
        return opinion((self.history[persons] @ self.pairs).toarray())

    def score_items(self, items: Codes) -> Floats:
        """Where walks from each seed product end; see ``Model``."""
        return opinion(self.pairs[items].toarray())


def rp3beta(matrix: Sparse, alpha: float, beta: float, neighbours: int) -> Sparse:
    """The item-item part of RP3beta, block by block, so that it is never dense as a whole.

    Args:
        matrix: sparse (n_persons, n_products), weights not below zero; the probability of a step
            is a weight over the sum of its row, backwards of its column.
        alpha: exponent of each step's probability.
        beta: exponent of the number of persons by which an end product is divided.
        neighbours: strongest end products kept of each product; ties go to the lower code.

    Returns:
        float32 CSR (n_products, n_products), no diagonal, indices sorted: row i holds
        sum over persons of p(person | i)**alpha * p(j | person)**alpha / n_persons(j)**beta.
    """
    weights = csr_array(matrix, dtype=np.float64)
    weights.sum_duplicates()
    weights.eliminate_zeros()
    n_products = weights.shape[1]
    forth = _steps(weights, alpha)
    back = _steps(weights.T.tocsr(), alpha)
    degree = np.bincount(weights.indices, minlength=n_products).astype(np.float64)
    ends = forth @ diags_array(_power(degree, -beta))
    blocks = [
        _block(back, csr_array(ends), rows, neighbours) for rows in batches(n_products, n_products)
    ]
    return vstack(blocks, format="csr") if blocks else csr_array((0, 0), dtype=np.float32)


def _block(back: Sparse, ends: Sparse, rows: slice, neighbours: int) -> Sparse:
    """Some rows of the product; each row is summed for itself, so blocks change nothing."""
    walked = back[rows] @ ends
    start = np.repeat(np.arange(rows.start, rows.stop), np.diff(walked.indptr))
    walked.data[walked.indices == start] = 0
    walked.eliminate_zeros()
    return strongest(walked, neighbours).astype(np.float32)


def _steps(weights: Sparse, alpha: float) -> Sparse:
    """Each row over its sum, to a power."""
    total = np.asarray(weights.sum(axis=1)).ravel()
    steps = weights.copy()
    steps.data = (steps.data / np.repeat(total, np.diff(steps.indptr))) ** alpha
    return steps


def _power(values: Doubles, exponent: float) -> Doubles:
    """Values to a power, 0 where the value is 0."""
    powers = np.zeros_like(values)
    powers[values > 0] = values[values > 0] ** exponent
    return powers
