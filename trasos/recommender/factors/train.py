"""Training: half-steps to and fro, from nothing or from factors of before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trasos.recommender.arrays import Floats, Sparse
from trasos.recommender.factors.chunks import chunks, in_threads
from trasos.recommender.factors.gradient import solve_rows
from trasos.recommender.factors.objective import Objective, checked, gram, pairs_a_side
from trasos.recommender.threads import one_blas_thread

STEPS = 3
"""Of conjugate gradients a half-step: so preconditioned they come within a thousandth of the exact
loss; see docs/decisions/factors.md."""

START = 0.1
"""Spread of the first factors, times 1/sqrt(k): inner products begin near zero."""


@dataclass(frozen=True)
class Factors:
    """Factors of both sides.

    Attributes:
        rows: float32 of shape (n_rows, k); zero where a row has no pair.
        columns: float32 of shape (n_columns, k), likewise.
    """

    rows: Floats
    columns: Floats

    def extended(self, n_rows: int, n_columns: int, seed: int) -> Factors:
        """Factors with rows appended for ids that are new, drawn as where nothing is known.

        Args:
            n_rows: as many as there are now; at least those there were.
            n_columns: likewise.
            seed: of the draws.
        """
        draw = np.random.default_rng(seed)
        rows = _longer(self.rows, n_rows, draw)
        return Factors(rows, _longer(self.columns, n_columns, draw))


def train(
    confidences: Sparse,
    objective: Objective,
    *,
    n_factors: int,
    n_iterations: int,
    seed: int = 0,
    start: Factors | None = None,
    steps: int = STEPS,
    n_threads: int = 0,
) -> Factors:
    """Lower the loss of an objective by alternating least squares.

    The same arguments give the same bits on one machine, whatever ``n_threads`` is.

    Args:
        confidences: CSR of shape (n_rows, n_columns), at least 1 a stored pair; see ``Objective``.
        objective: the loss.
        n_factors: k.
        n_iterations: each solves all rows, then all columns.
        seed: of the first factors.
        start: factors to go on from; of n_factors, rows and columns as here (see ``extended``).
        steps: of conjugate gradients a half-step.
        n_threads: 0 for all cores.

    Returns:
        Factors up to a rotation that both sides share.

    Raises:
        InputError: a confidence is below 1.
        ValueError: ``start`` is of another shape.
    """
    confidences = checked(confidences)
    n_rows, n_columns = confidences.shape
    if start is None:
        nobody = np.empty((0, n_factors), np.float32)
        start = Factors(nobody, nobody).extended(n_rows, n_columns, seed)
    shapes = start.rows.shape, start.columns.shape
    wanted = (n_rows, n_factors), (n_columns, n_factors)
    if shapes != wanted:
        raise ValueError(f"start has shapes {shapes} where {wanted} are wanted: extend it")
    n_row, n_column = pairs_a_side(confidences)
    sides = (
        _Side(confidences, objective.strengths(n_row, n_columns)),
        _Side(csr_array(confidences.T), objective.strengths(n_column, n_rows)),
    )
    rows, columns = (np.array(side, np.float32, order="C") for side in (start.rows, start.columns))
    with one_blas_thread():
        for _ in range(n_iterations):
            sides[0].improve(rows, columns, steps, n_threads)
            sides[1].improve(columns, rows, steps, n_threads)
    return Factors(rows, columns)


def fold_in(
    confidences: Sparse, columns: Floats, objective: Objective, *, steps: int, n_threads: int = 0
) -> Floats:
    """Factors of rows with those of the columns held: one half-step from zero.

    Args:
        confidences: as in ``train``.
        columns: float32 of shape (n_columns, k).
        objective: as in ``train``.
        steps: of conjugate gradients; with k steps it is exact but for rounding.
        n_threads: 0 for all cores.

    Returns:
        float32 of shape (n_rows, k), to go with ``columns`` as given; zero where a row has no pair.

    Raises:
        InputError: a confidence is below 1.
    """
    confidences = checked(confidences)
    rows = np.zeros((confidences.shape[0], columns.shape[1]), np.float32)
    held = np.array(columns, np.float32, order="C")
    strengths = objective.strengths(pairs_a_side(confidences)[0], len(columns))
    with one_blas_thread():
        turn = _Side(confidences, strengths).improve(rows, held, steps, n_threads)
        return np.asarray(rows @ turn.T, np.float32)


class _Side:
    """Pairs by row of one side, as the kernel wants them."""

    def __init__(self, pairs: Sparse, strengths: Floats) -> None:
        self.starts = pairs.indptr.astype(np.int64)
        self.columns = pairs.indices.astype(np.int32)
        self.confidences = np.ascontiguousarray(pairs.data, np.float32)
        self.strengths = strengths

    def improve(self, own: Floats, other: Floats, steps: int, n_threads: int) -> Floats:
        """Half a step: turn both sides in place, so that Y'Y is diagonal, and solve own rows.

        Returns:
            The turn, float32 of shape (k, k).
        """
        spectrum, turn = _principal_axes(other, n_threads)

        def turn_other(part: slice) -> None:
            other[part] = other[part] @ turn

        def solve(part: slice) -> None:
            own[part] = own[part] @ turn
            solve_rows(
                part.start,
                part.stop,
                self.starts,
                self.columns,
                self.confidences,
                other,
                spectrum,
                self.strengths,
                steps,
                own,
            )

        in_threads(turn_other, chunks(len(other)), n_threads)
        in_threads(solve, chunks(len(own)), n_threads)
        return turn


def _principal_axes(factors: Floats, n_threads: int) -> tuple[Floats, Floats]:
    """Eigenvalues of Y'Y, held above the noise of float32, and the turn that makes it diagonal."""
    values, axes = np.linalg.eigh(gram(factors, n_threads))
    noise = max(float(values[-1]), 1.0) * float(np.finfo(np.float32).eps)
    return np.maximum(values, noise).astype(np.float32), axes.astype(np.float32)


def _longer(factors: Floats, n: int, draw: np.random.Generator) -> Floats:
    k = factors.shape[1]
    drawn = draw.standard_normal((n - len(factors), k), np.float32)
    return np.concatenate([factors, drawn * np.float32(START / np.sqrt(k))])
