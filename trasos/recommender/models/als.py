"""Alternating least squares on implicit feedback (Hu, Koren and Volinsky 2008)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from trasos.errors import ConfigurationError
from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.models.als_on_spark import factorise_on_spark
from trasos.recommender.models.model import NO_OPINION, opinion
from trasos.recommender.params import RecommenderParams
from trasos.recommender.threads import one_blas_thread


@dataclass(frozen=True)
class Als:
    """Factors of persons and products.

    Attributes:
        person_factors: float32 of shape (n_persons + 1, factors); the last row is zero.
        item_factors: float32 of shape (n_products, factors); zero for products nobody met.
        name: see ``Model``.
    """

    person_factors: Floats
    item_factors: Floats
    name: str = "als"

    @classmethod
    def fit(
        cls,
        matrix: Sparse,
        params: RecommenderParams,
        *,
        regularization: float | None = None,
        n_threads: int = 0,
    ) -> Als:
        """Factorise a person x product matrix with the solver that ``params`` names.

        Args:
            matrix: decayed weights of shape (n_persons + 1, n_products), last row empty.
            params: solver, factors, iterations, regularization, its power, alpha and seed.
            regularization: instead of the one in ``params``.
            n_threads: 0 for all cores; on one machine the factors do not depend on it.

        Raises:
            ConfigurationError: the solver is Spark's, and Spark is not installed; or it is
                ``implicit``, and regularization is to be scaled by frequency.
        """
        strength = params.als_regularization if regularization is None else regularization
        if params.als_solver == "spark":
            return cls(*factorise_on_spark(matrix, params, strength))
        if params.als_solver == "trasos":
            # numba takes a second to import: only where its solver is asked for.
            from trasos.recommender.models.als_in_numba import factorise_in_numba

            confidences = confidence(matrix, params.als_alpha)
            return cls(*factorise_in_numba(confidences, params, strength, n_threads))
        if params.als_frequency_power > 0:
            raise ConfigurationError(
                f"Recommender parameter als_frequency_power is {params.als_frequency_power}, which "
                "the solver implicit cannot do: set als_solver to trasos, or the power to 0."
            )
        return cls(*factorise(matrix, params, strength, n_threads))

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Inner products of the factors; see ``Model``."""
        factors = self.person_factors[persons]
        with one_blas_thread():
            scores = factors @ self.item_factors.T
        known = np.any(factors != 0, axis=1, keepdims=True) & np.any(self.item_factors != 0, axis=1)
        return np.where(known, scores, NO_OPINION)

    def score_items(self, items: Codes) -> Floats:
        """Cosine of the item factors where it is above zero; see ``Model``."""
        length = np.linalg.norm(self.item_factors, axis=1, keepdims=True)
        unit = self.item_factors / np.maximum(length, np.finfo(np.float32).tiny)
        with one_blas_thread():
            return opinion(unit[items] @ unit.T)


def factorise(
    matrix: Sparse, params: RecommenderParams, regularization: float, n_threads: int
) -> tuple[Floats, Floats]:
    """Factorise on one machine, with the conjugate-gradient solver of ``implicit``.

    Args:
        matrix: see ``Als.fit``.
        params: factors, iterations, alpha and seed.
        regularization: added to the diagonal of each row's equations.
        n_threads: 0 for all cores.

    Returns:
        float32 factors of the rows and of the columns; zero where one has no pair.
    """
    with one_blas_thread():
        solver = AlternatingLeastSquares(
            factors=params.als_factors,
            regularization=regularization,
            alpha=1.0,
            iterations=params.als_iterations,
            use_cg=True,
            num_threads=n_threads,
            random_state=params.seed,
        )
        solver.fit(confidence(matrix, params.als_alpha), show_progress=False)
    person_factors = np.asarray(solver.user_factors, np.float32)
    item_factors = np.asarray(solver.item_factors, np.float32)
    # Rows without interactions keep no meaning: zero them, so that they have no opinion.
    person_factors[np.diff(matrix.indptr) == 0] = 0
    item_factors[np.bincount(matrix.indices, minlength=matrix.shape[1]) == 0] = 0
    return person_factors, item_factors


def fold_in(
    matrix: Sparse, item_factors: Floats, regularization: float, params: RecommenderParams
) -> Floats:
    """Factors of persons with the products' factors held: the half-step of ALS, solved exactly.

    Args:
        matrix: decayed weights of shape (n_persons + 1, n_products), last row empty.
        item_factors: float32 of shape (n_products, factors).
        regularization: added to the diagonal of each person's equations, to be scaled by frequency
            where ``params`` say so.
        params: solver, alpha and the power of the regularization.

    Returns:
        float32 of shape (n_persons + 1, factors); zero for rows without a pair of a product whose
        factors are known.
    """
    confidences, n_factors = confidence(matrix, params.als_alpha), item_factors.shape[1]
    if params.als_solver == "trasos":
        from trasos.recommender.models.als_in_numba import fold_in_numba

        factors = fold_in_numba(confidences, item_factors, regularization, params)
    else:
        solver = AlternatingLeastSquares(
            factors=n_factors, regularization=regularization, alpha=1.0
        )
        solver.item_factors = item_factors
        rows = np.arange(matrix.shape[0])
        factors = np.asarray(solver.recalculate_user(rows, confidences), np.float32)
    known = matrix @ np.any(item_factors != 0, axis=1).astype(np.float32)
    factors[known == 0] = 0
    return factors


def confidence(damped: Sparse, alpha: float) -> Sparse:
    """Confidence 1 + alpha * value of each stored pair.

    ``implicit`` takes alpha * value as the whole confidence, so values far below one would count
    less than a pair never seen; here every seen pair counts more.

    Args:
        damped: weights as ``matrix.person_product`` makes them.
        alpha: how much a pair of value one adds.

    Returns:
        float32 ``csr_matrix`` (``implicit`` warns at a ``csr_array``) of the same shape.
    """
    data = (1 + alpha * damped.data.astype(np.float64)).astype(np.float32)
    return csr_matrix((data, damped.indices, damped.indptr), shape=damped.shape)
