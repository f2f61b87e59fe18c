"""Training of factors, held to ``implicit`` and to the equations solved plainly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_array, csr_matrix

from trasos.errors import ConfigurationError, InputError
from trasos.recommender.arrays import Sparse
from trasos.recommender.factors import Factors, Objective, fold_in, train
from trasos.recommender.factors.gradient import SCRATCH_FLOATS
from trasos.recommender.models.als import Als
from trasos.recommender.params import RecommenderParams
from trasos.recommender.threads import one_blas_thread

ROOT = Path(__file__).resolve().parents[3]
K = 16


def pairs(n_rows: int = 1500, n_columns: int = 300, mean: int = 12, seed: int = 0) -> Sparse:
    """Skewed on both sides and of eight tastes; some rows and columns stay empty."""
    draw = np.random.default_rng(seed)
    n_each = draw.poisson(mean * draw.gamma(0.7, 1 / 0.7, n_rows))
    row = np.repeat(np.arange(n_rows), n_each)
    column = np.minimum((n_columns * draw.random(len(row)) ** 3).astype(int), n_columns - 4)
    own = draw.random(len(row)) < 0.7
    column[own] = column[own] // 8 * 8 + row[own] % 8
    matrix = csr_array(
        (draw.exponential(1.0, len(row)), (row, np.minimum(column, n_columns - 4))),
        shape=(n_rows, n_columns),
    )
    matrix.sum_duplicates()
    matrix.data = 1 + 10 * np.log1p(matrix.data)
    return matrix.astype(np.float32)


def by_solving(confidences: Sparse, other: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """The rows of a half-step, each by a plain solver in float64."""
    other = other.astype(np.float64)
    found = np.zeros((confidences.shape[0], other.shape[1]))
    for row in range(len(found)):
        part = slice(confidences.indptr[row], confidences.indptr[row + 1])
        c, met = confidences.data[part].astype(np.float64), other[confidences.indices[part]]
        left = other.T @ other + strengths[row] * np.eye(len(other.T))
        left += met.T @ (met * (c - 1)[:, None])
        if len(c):
            found[row] = np.linalg.solve(left, met.T @ c)
    return found


def implicit_after(confidences: Sparse, n_iterations: int, start: Factors, use_cg: bool) -> Factors:
    with one_blas_thread():
        solver = AlternatingLeastSquares(
            factors=K, regularization=5.0, alpha=1.0, iterations=n_iterations, use_cg=use_cg
        )
        solver.user_factors, solver.item_factors = start.rows.copy(), start.columns.copy()
        solver.fit(csr_matrix(confidences), show_progress=False)
    return Factors(solver.user_factors, solver.item_factors)


def first_factors(confidences: Sparse, seed: int = 3) -> Factors:
    return train(confidences, Objective(5.0), n_factors=K, n_iterations=0, seed=seed)


def test_the_loss_is_that_of_implicit_after_the_same_iterations() -> None:
    confidences, objective = pairs(), Objective(5.0)
    start = first_factors(confidences)
    for n_iterations in (2, 6):
        ours = train(confidences, objective, n_factors=K, n_iterations=n_iterations, start=start)
        exactly = train(
            confidences, objective, n_factors=K, n_iterations=n_iterations, start=start, steps=K
        )
        losses = [objective.loss(confidences, f.rows, f.columns) for f in (ours, exactly)]
        for use_cg, found in ((True, losses[0]), (False, losses[1])):
            theirs = implicit_after(confidences, n_iterations, start, use_cg)
            reference = objective.loss(confidences, theirs.rows, theirs.columns)
            # Preconditioned steps may only come nearer; the exact solver is met.
            assert found <= reference * (1 + 1e-4)
            if not use_cg:
                assert found == pytest.approx(reference, rel=1e-4)


def test_the_loss_is_the_one_written_down() -> None:
    confidences = pairs(60, 40, 6)
    draw = np.random.default_rng(1)
    rows, columns = draw.normal(size=(60, 4)), draw.normal(size=(40, 4))
    stored = confidences.toarray().astype(np.float64)
    product = rows @ columns.T
    errors = np.where(stored > 0, stored * (1 - product) ** 2, product**2)
    n_row, n_column = (stored > 0).sum(axis=1), (stored > 0).sum(axis=0)
    expected = (
        errors.sum()
        + 3 * ((n_row + 0.2 * 40) ** 0.5 @ (rows**2).sum(axis=1))
        + 3 * ((n_column + 0.2 * 60) ** 0.5 @ (columns**2).sum(axis=1))
    )
    found = Objective(3.0, 0.5, 0.2).loss(
        confidences, rows.astype(np.float32), columns.astype(np.float32)
    )
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_a_half_step_solves_the_equations_of_every_row(power: float) -> None:
    confidences, objective = pairs(), Objective(0.5, power, 0.05)
    columns = train(confidences, objective, n_factors=K, n_iterations=2).columns
    strengths = objective.strengths(np.diff(confidences.indptr), confidences.shape[1])
    expected = by_solving(confidences, columns, strengths)
    found = fold_in(confidences, columns, objective, steps=2 * K)
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert (found[np.diff(confidences.indptr) == 0] == 0).all()


def test_rows_longer_than_the_scratch_are_solved_too() -> None:
    n_columns = SCRATCH_FLOATS // K + 500
    draw = np.random.default_rng(2)
    confidences = csr_array(1 + draw.random((3, n_columns), np.float32))
    columns = draw.normal(size=(n_columns, K)).astype(np.float32)
    found = fold_in(confidences, columns, Objective(5.0), steps=2 * K)
    expected = by_solving(confidences, columns, np.full(3, 5.0))
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_factors_are_bitwise_the_same_on_any_number_of_threads() -> None:
    confidences, objective = pairs(3000), Objective(0.1, 1.0, 0.1)
    one, two, three = (
        train(confidences, objective, n_factors=K, n_iterations=3, seed=4, n_threads=n)
        for n in (1, 2, 3)
    )
    for other in (two, three):
        assert np.array_equal(one.rows, other.rows)
        assert np.array_equal(one.columns, other.columns)
    another = train(confidences, objective, n_factors=K, n_iterations=3, seed=5)
    assert not np.array_equal(one.rows, another.rows)


def test_the_order_of_pairs_and_a_pair_given_in_two_parts_change_nothing() -> None:
    confidences = pairs()
    coo = confidences.tocoo()
    order = np.random.default_rng(0).permutation(confidences.nnz)
    shuffled = csr_array(
        (coo.data[order], (coo.row[order], coo.col[order])), shape=confidences.shape
    )
    one, other = (
        train(each, Objective(5.0), n_factors=K, n_iterations=2) for each in (confidences, shuffled)
    )
    assert np.array_equal(one.rows, other.rows)


def test_rows_and_columns_without_pairs_are_zero() -> None:
    confidences = pairs()
    found = train(confidences, Objective(5.0), n_factors=K, n_iterations=2)
    assert ((found.rows == 0).all(axis=1) == (np.diff(confidences.indptr) == 0)).all()
    met = np.bincount(confidences.indices, minlength=confidences.shape[1]) > 0
    assert not met.all()
    assert ((found.columns != 0).any(axis=1) == met).all()
    nothing = train(
        csr_array((3, 4), dtype=np.float32), Objective(0.0), n_factors=2, n_iterations=1
    )
    assert not nothing.rows.any() and not nothing.columns.any()


def test_frequency_scales_what_it_should() -> None:
    n_pairs = np.array([0, 10, 30])
    raw = Objective(2.0, 0.5, 0.1).strengths(n_pairs, 60)
    assert raw == pytest.approx([2 * 6**0.5, 2 * 16**0.5, 2 * 36**0.5])
    assert Objective(2.0, 0.0).strengths(n_pairs, 60).tolist() == [2, 2, 2]
    relative = Objective(2.0, 1.0, 0.1, is_relative=True).strengths(n_pairs, 60)
    assert relative[1:].mean() == pytest.approx(2.0)
    assert relative[2] / relative[1] == pytest.approx(36 / 16)


def test_confidences_that_mean_nothing_are_refused() -> None:
    confidences = pairs()
    confidences.data[5] = 0.5
    with pytest.raises(InputError, match=r"1 of [\d,]+ confidences are below 1.*0\.5"):
        train(confidences, Objective(5.0), n_factors=K, n_iterations=1)
    confidences.data[5] = np.nan
    with pytest.raises(InputError, match="nan"):
        train(confidences, Objective(5.0), n_factors=K, n_iterations=1)


def test_a_start_of_another_shape_is_refused() -> None:
    confidences = pairs()
    start = first_factors(confidences)
    with pytest.raises(ValueError, match="are wanted"):
        train(confidences[:-1], Objective(5.0), n_factors=K, n_iterations=1, start=start)


def test_it_is_chosen_by_a_parameter_and_implicit_cannot_scale_by_frequency() -> None:
    matrix = pairs()
    matrix.data = np.log(matrix.data)
    params = RecommenderParams(als_solver="trasos", als_factors=K, als_frequency_power=1.0)
    model = Als.fit(matrix, params)
    assert model.person_factors.shape == (1500, K) and model.item_factors.shape == (300, K)
    with pytest.raises(ConfigurationError, match="set als_solver to trasos"):
        Als.fit(matrix, RecommenderParams(als_frequency_power=1.0))


def test_kernels_work_where_no_folder_can_be_written() -> None:
    program = (
        "import numba.core.caching as c\n"
        "c.CacheImpl._locator_classes = []\n"
        "from trasos.recommender.factors.compiling import kernel\n"
        "import trasos.recommender.factors.gradient as g\n"
        "assert kernel(lambda x: x + 1)(1) == 2\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)
