"""What factors are trained for: the loss, with regularization scaled by frequency or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.errors import InputError
from trasos.recommender.arrays import Doubles, Floats, Sparse
from trasos.recommender.factors.chunks import chunks, in_threads

PAIRS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Objective:
    """Weights of the loss of implicit feedback.

    The loss of factors X of rows and Y of columns is the sum of c_ui (1 - x_u.y_i)^2 over stored
    pairs, of (x_u.y_i)^2 over all others, and of s_u |x_u|^2 and s_i |y_i|^2 over rows and columns
    (Hu, Koren and Volinsky, ICDM 2008), where

        s_u = regularization * (n_u + unseen * n_columns) ** frequency_power

    with n_u pairs of the row, and s_i likewise (Rendle, Krichene, Zhang and Koren, "Revisiting the
    Performance of iALS on Item Recommendation Benchmarks", RecSys 2022, whose alpha_0 is ``unseen``
    and nu ``frequency_power``). With power 0 this is the loss of the library ``implicit``.

    Attributes:
        regularization: at least 0.
        frequency_power: 0 regularizes every row alike, 1 by its pairs.
        unseen: what a pair that is not stored counts beside one that is; at least 0.
        is_relative: divide what is raised to the power by its mean over the rows that have pairs.
            The regularization is then about that of a usual row, whatever the power.
    """

    regularization: float
    frequency_power: float = 0.0
    unseen: float = 0.1
    is_relative: bool = False

    def strengths(self, n_pairs: Sparse, n_others: int) -> Floats:
        """The regularization of each row, s.

        Args:
            n_pairs: integers of shape (n_rows,), the pairs of each.
            n_others: rows of the other side.

        Returns:
            float32 of shape (n_rows,).
        """
        seen = np.asarray(n_pairs, np.float64) + self.unseen * n_others
        if self.is_relative and np.any(n_pairs):
            seen /= seen[np.asarray(n_pairs) > 0].mean()
        strengths = self.regularization * seen**self.frequency_power
        return np.asarray(strengths, np.float32)

    def loss(self, confidences: Sparse, rows: Floats, columns: Floats) -> float:
        """The loss of factors.

        Args:
            confidences: CSR of shape (n_rows, n_columns), c of each stored pair.
            rows: float32 of shape (n_rows, k).
            columns: float32 of shape (n_columns, k).
        """
        total = float((gram(rows) * gram(columns)).sum())
        n_row, n_column = pairs_a_side(confidences)
        for side, n_pairs, n_others in (
            (rows, n_row, len(columns)),
            (columns, n_column, len(rows)),
        ):
            square = np.einsum("ij,ij->i", side, side, dtype=np.float64)
            total += float(self.strengths(n_pairs, n_others) @ square)
        row = np.repeat(np.arange(len(rows)), n_row)
        for part in chunks(confidences.nnz, PAIRS_AT_ONCE):
            met = rows[row[part]], columns[confidences.indices[part]]
            product = np.einsum("ij,ij->i", *met).astype(np.float64)
            c = confidences.data[part].astype(np.float64)
            total += float((c * (1 - product) ** 2 - product**2).sum())
        return total


def gram(factors: Floats, n_threads: int = 1) -> Doubles:
    """F'F of factors F; products in float32, summed over parts in float64, in one order."""
    k = factors.shape[1]
    parts = in_threads(lambda p: factors[p].T @ factors[p], chunks(len(factors)), n_threads)
    return np.sum(parts, axis=0, dtype=np.float64) if parts else np.zeros((k, k))


def pairs_a_side(confidences: Sparse) -> tuple[Sparse, Sparse]:
    """Stored pairs of each row, and of each column."""
    return np.diff(confidences.indptr), np.bincount(
        confidences.indices, minlength=confidences.shape[1]
    )


def checked(confidences: Sparse) -> Sparse:
    """Confidences with sorted indices and no pair twice, as float32.

    Raises:
        InputError: a confidence is below 1, or no number: a pair that was met would count less
            than one that was not.
    """
    if not confidences.has_canonical_format:
        confidences = confidences.copy()
        confidences.sum_duplicates()
    wrong = ~(confidences.data >= 1) | ~np.isfinite(confidences.data)
    if wrong.any():
        raise InputError(
            f"{int(wrong.sum()):,} of {confidences.nnz:,} confidences are below 1 or no number, "
            f"the first is {confidences.data[wrong][0]}: give 1 + alpha * weight, weights from 0."
        )
    return confidences.astype(np.float32, copy=False)
