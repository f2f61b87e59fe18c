import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.recommender.factory import Shop
from trasos.errors import ConfigurationError
from trasos.recommender import rank
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product, strongest
from trasos.recommender.models.rp3beta import Rp3Beta, rp3beta
from trasos.recommender.params import RecommenderParams


def weights(n_persons: int = 30, n_products: int = 20, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    dense = rng.gamma(1.0, 1.0, (n_persons, n_products))
    dense[rng.random(dense.shape) < 0.7] = 0
    dense[3], dense[:, 5] = 0, 0  # a person without products, a product without persons
    return dense


def by_definition(dense: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """Paudel et al. 2017, with a loop over persons."""
    n = dense.shape[1]
    found = np.zeros((n, n))
    degree = (dense > 0).sum(axis=0)
    for row in dense[dense.sum(axis=1) > 0]:
        for i in np.flatnonzero(row):
            for j in np.flatnonzero(row):
                back, forth = row[i] / dense[:, i].sum(), row[j] / row.sum()
                found[i, j] += back**alpha * forth**alpha / degree[j] ** beta
    np.fill_diagonal(found, 0)
    return found


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.7, 0.2), (1.3, 0.6)])
def test_walks_are_those_of_the_definition(alpha: float, beta: float) -> None:
    dense = weights()
    found = rp3beta(csr_array(dense), alpha, beta, 20)
    assert found.dtype == np.float32
    assert found.toarray() == pytest.approx(by_definition(dense, alpha, beta), rel=1e-6)


def test_without_exponents_a_walk_ends_somewhere() -> None:
    """With alpha 1 and beta 0 the ends of a walk and the way back home are all there is."""
    dense = weights()
    ends = rp3beta(csr_array(dense), 1.0, 0.0, 20).toarray().sum(axis=1)
    home = (dense / np.maximum(dense.sum(axis=0), 1e-9)).T @ (
        dense / np.maximum(dense.sum(axis=1, keepdims=True), 1e-9)
    )
    assert ends + home.diagonal() == pytest.approx((dense.sum(axis=0) > 0).astype(float), abs=1e-6)


def test_only_the_strongest_stay_and_ties_go_to_the_lower_code() -> None:
    dense = weights()
    full, cut = (rp3beta(csr_array(dense), 0.7, 0.2, n).toarray() for n in (20, 4))
    for row, kept in zip(full, cut, strict=True):
        best = np.argsort(-row, kind="stable")[:4]
        best = best[row[best] > 0]
        assert np.flatnonzero(kept).tolist() == sorted(best.tolist())
        assert (kept[best] == row[best]).all()
    level = csr_array(np.array([[2.0, 1.0, 1.0, 1.0], [0, 0, 0, 0], [0, 1.0, 0, 0]]))
    assert strongest(level, 2).toarray().tolist() == [[2, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]


def test_blocks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = weights(200, 60, seed=4)
    whole = rp3beta(csr_array(dense), 0.7, 0.2, 15)
    monkeypatch.setattr(rank, "BLOCK_CELLS", 7 * 60)
    parts = rp3beta(csr_array(dense), 0.7, 0.2, 15)
    assert (whole.indptr == parts.indptr).all() and (whole.indices == parts.indices).all()
    assert (whole.data == parts.data).all()


def test_a_person_walks_from_what_they_took(log: InteractionLog, catalogue: Catalogue) -> None:
    params = RecommenderParams()
    matrix = person_product(log, log.last_at + 1, params.half_life_days)
    model = Rp3Beta.fit(matrix, params)
    persons = np.array([0, 7, -1], np.int32)
    everything = np.ones((3, catalogue.n_products), np.bool_)
    scores = model.score_persons(persons, everything)
    assert scores.dtype == np.float32
    expected = matrix[[0, 7]].toarray() @ model.pairs.toarray()
    assert np.where(np.isfinite(scores[:2]), scores[:2], 0) == pytest.approx(expected, rel=1e-5)
    assert np.isneginf(scores[2]).all()
    assert np.array_equal(model.score_persons(persons[1:2], everything[:1]), scores[1:2])


def test_neighbours_share_the_planted_taste(
    log: InteractionLog, catalogue: Catalogue, tasteful: Shop
) -> None:
    matrix = person_product(log, log.last_at + 1, 30.0)
    model = Rp3Beta.fit(matrix, RecommenderParams())
    seeds = np.arange(catalogue.n_products, dtype=np.int32)
    best = np.argsort(-model.score_items(seeds), axis=1, kind="stable")[:, :5]
    same = (best % 4 == seeds[:, None] % 4) & (best // 4 % 5 == seeds[:, None] // 4 % 5)
    # By chance it would be one of twenty.
    assert same.mean() > 0.8


def test_exponents_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="rp3beta_beta"):
        RecommenderParams(rp3beta_beta=-0.1)
