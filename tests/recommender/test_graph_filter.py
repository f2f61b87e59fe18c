import numpy as np
import pytest
from scipy.sparse import csr_array

from trasos.recommender.models.graph_filter import Filter, GraphFilter


def taken(n_persons: int = 30, n_products: int = 20, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    dense = (rng.random((n_persons, n_products)) < 0.3).astype(np.float32)
    dense[3], dense[:, 5] = 0, 0  # a person without products, a product without persons
    return dense


def by_definition(dense: np.ndarray, how: Filter) -> np.ndarray:
    """Choi et al. 2023, with P as a whole and the four slopes of Runge-Kutta."""
    dense = dense.astype(np.float64)
    rows, columns = dense.sum(axis=1), dense.sum(axis=0)
    scaled = dense / np.sqrt(np.maximum(rows, 1))[:, None] / np.sqrt(np.maximum(columns, 1))
    graph = scaled.T @ scaled
    smoothest = np.linalg.svd(scaled)[2][: how.dimensions]
    ideal = (dense / np.sqrt(np.maximum(columns, 1))) @ smoothest.T @ smoothest * np.sqrt(columns)
    start, time = dense @ graph + how.smooth * ideal, how.sharpening
    first = -start @ graph
    second = -(start + time / 2 * first) @ graph
    third = -(start + time / 2 * second) @ graph
    fourth = -(start + time * third) @ graph
    return np.asarray(start + time / 6 * (first + 2 * second + 2 * third + fourth))


def scored(dense: np.ndarray, how: Filter) -> np.ndarray:
    model = GraphFilter.fit(csr_array(dense), how)
    everything = np.ones(dense.shape, np.bool_)
    return model.score_persons(np.arange(len(dense), dtype=np.int32), everything)


@pytest.mark.parametrize(
    ("smooth", "sharpening", "dimensions"), [(0.2, 2.5, 6), (0.0, 2.0, 6), (0.5, 0.0, 3)]
)
def test_scores_are_those_of_the_definition(
    smooth: float, sharpening: float, dimensions: int
) -> None:
    dense, how = taken(), Filter(dimensions, smooth, sharpening)
    found, expected = scored(dense, how), by_definition(dense, how)
    assert found.dtype == np.float32
    assert np.where(np.isfinite(found), found, 0) == pytest.approx(
        np.maximum(expected, 0), abs=2e-5
    )


def test_more_dimensions_than_there_are_let_everything_pass() -> None:
    """VV' is then the identity: the ideal filter gives back what a person took."""
    dense = taken()
    passed, held = (np.maximum(scored(dense, Filter(448, smooth, 0.0)), 0) for smooth in (1.0, 0.0))
    assert passed - held == pytest.approx(dense, abs=1e-4)


def test_nobody_knows_a_product_that_nobody_took_nor_a_person_without_products() -> None:
    dense = taken()
    scores = scored(dense, Filter(6, 0.2, 2.5))
    assert np.isneginf(scores[3]).all() and np.isneginf(scores[:, 5]).all()
    model = GraphFilter.fit(csr_array(dense), Filter(6, 0.2, 2.5))
    assert np.isneginf(model.score_items(np.array([5], np.int32))).all()


def test_a_seed_is_a_person_who_took_it_alone() -> None:
    dense = taken()
    dense[4] = 0
    dense[4, 7] = 1
    model = GraphFilter.fit(csr_array(dense), Filter(6, 0.2, 2.5))
    alone = model.score_persons(np.array([4], np.int32), np.ones((1, 20), np.bool_))
    assert model.score_items(np.array([7], np.int32)) == pytest.approx(alone)


def test_the_same_matrix_gives_the_same_bits_and_neighbours_in_a_batch_change_little() -> None:
    dense, how = taken(200, 60, seed=4), Filter(12, 0.2, 2.5)
    one, other = scored(dense, how), scored(dense, how)
    assert np.array_equal(one, other)
    model = GraphFilter.fit(csr_array(dense), how)
    alone = model.score_persons(np.array([7], np.int32), np.ones((1, 60), np.bool_))
    both = np.isfinite(alone[0]) & np.isfinite(one[7])
    assert alone[0][both] == pytest.approx(one[7][both], rel=1e-4, abs=1e-6)


def test_another_filter_needs_no_other_decomposition() -> None:
    dense = taken()
    persons, everything = np.arange(30, dtype=np.int32), np.ones(dense.shape, np.bool_)
    model = GraphFilter.fit(csr_array(dense), Filter(6, 0.2, 2.5)).but(smooth=0.4, sharpening=2.0)
    found = model.score_persons(persons, everything)
    assert np.array_equal(found, scored(dense, Filter(6, 0.4, 2.0)))
