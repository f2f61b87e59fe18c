"""The factorisation by ``trasos.recommender.factors``: the loss of ``implicit``, or scaled."""

from __future__ import annotations

from trasos.recommender import factors
from trasos.recommender.arrays import Floats, Sparse
from trasos.recommender.params import RecommenderParams


def objective_of(params: RecommenderParams, regularization: float) -> factors.Objective:
    """The loss; with power 0 that of ``implicit``.

    Confidence is 1 + alpha * weight and 1 where nothing was seen, so beside what a weight of one
    adds the unseen count 1 / alpha.

    Args:
        params: alpha and the power.
        regularization: of a usual person and product, whatever the power.
    """
    return factors.Objective(
        regularization, params.als_frequency_power, unseen=1 / params.als_alpha, is_relative=True
    )


def factorise_in_numba(
    confidences: Sparse, params: RecommenderParams, regularization: float, n_threads: int
) -> tuple[Floats, Floats]:
    """Factorise on one machine.

    Args:
        confidences: CSR of shape (n_persons + 1, n_products), at least 1 a pair.
        params: factors, iterations, alpha, power and seed.
        regularization: see ``objective_of``.
        n_threads: 0 for all cores; nothing depends on it.

    Returns:
        float32 factors of the rows and of the columns; zero where one has no pair.
    """
    trained = factors.train(
        confidences,
        objective_of(params, regularization),
        n_factors=params.als_factors,
        n_iterations=params.als_iterations,
        seed=params.seed,
        n_threads=n_threads,
    )
    return trained.rows, trained.columns


def fold_in_numba(
    confidences: Sparse, item_factors: Floats, regularization: float, params: RecommenderParams
) -> Floats:
    """Factors of persons with the products' held; see ``als.fold_in``.

    As many steps of conjugate gradients as there are factors solve the equations, but for rounding.
    """
    objective = objective_of(params, regularization)
    return factors.fold_in(confidences, item_factors, objective, steps=item_factors.shape[1])
