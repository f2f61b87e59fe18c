import numpy as np
import pytest

from tests.recommender.factory import START, interactions_table, products_table
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.matrix import person_product
from trasos.recommender.models.als import Als, confidence
from trasos.recommender.models.blend import Blend, normalised
from trasos.recommender.models.chance import ChanceInDepartment
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.popularity import Popular, PopularInDepartment
from trasos.recommender.params import RecommenderParams

VIEW = "product_viewed"
FOREVER = 1e6
NOBODY = np.array([-1], np.int32)


def shop(
    rows: list[tuple[str, str, str, str, float]], n: int = 4, **products: object
) -> tuple[InteractionLog, Catalogue]:
    catalogue = Catalogue.from_arrow(products_table(n, n_departments=2, **products))
    return InteractionLog.from_arrow(interactions_table(rows), catalogue), catalogue


def pairs_of(
    rows: list[tuple[str, str, str, str, float]], **params: float
) -> tuple[np.ndarray, CoVisitation]:
    log, _ = shop(rows)
    settings = {
        "half_life_days": FOREVER,
        "covisitation_popularity_power": 0.0,
        "covisitation_history": 0.0,
        **params,
    }
    model = CoVisitation.fit(log, RecommenderParams(**settings), log.last_at + 1)
    return model.pairs.toarray(), model


def test_pairs_weigh_gap_direction_and_event() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.00),
        ("a", "p00001", "s", VIEW, 0.01),
        ("a", "p00002", "s", "product_added", 0.02),
    ]
    pairs, _ = pairs_of(rows, covisitation_gap_decay=0.5, covisitation_backward=0.25)
    assert pairs[0, 1] == pytest.approx(1.0, rel=1e-4)
    assert pairs[0, 2] == pytest.approx(0.5 * 4, rel=1e-4)
    assert pairs[1, 2] == pytest.approx(4.0, rel=1e-4)
    assert pairs[2, 1] == pytest.approx(0.25, rel=1e-4)
    assert pairs[2, 0] == pytest.approx(0.25 * 0.5, rel=1e-4)
    assert not pairs.diagonal().any()


def test_pairs_stay_within_session_and_window() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00001", "s", VIEW, 0.01),
        ("a", "p00002", "s", VIEW, 0.02),
        ("a", "p00003", "t", VIEW, 1.0),
    ]
    pairs, _ = pairs_of(rows, covisitation_window=1, covisitation_backward=0.0)
    assert np.argwhere(pairs).tolist() == [[0, 1], [1, 2]]
    across, _ = pairs_of(
        rows, covisitation_window=1, covisitation_backward=0.0, covisitation_history=0.5
    )
    assert across[2, 3] == pytest.approx(0.5, rel=1e-4)


def test_a_product_counts_once_a_session_with_its_largest_weight() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.00),
        ("a", "p00001", "s", VIEW, 0.01),
        ("a", "p00000", "s", VIEW, 0.02),
        ("a", "p00001", "s", "item_purchased", 0.03),
    ]
    pairs, _ = pairs_of(rows, covisitation_backward=0.0)
    assert pairs[0, 1] == pytest.approx(8.0, rel=1e-4)
    assert pairs[1, 0] == 0


def test_late_products_of_a_person_lead() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00001", "s", VIEW, 0.01),
        ("b", "p00002", "t", VIEW, 0.0),
        ("b", "p00003", "t", VIEW, 0.01),
        ("c", "p00000", "u", VIEW, 1.0),
        ("c", "p00002", "v", VIEW, 2.0),
    ]
    _, model = pairs_of(rows, history_decay=0.5)
    scores = model.score_persons(np.array([2], np.int32), np.ones((1, 4), bool))[0]
    assert scores[3] == pytest.approx(2 * scores[1], rel=1e-4)
    assert np.isneginf(model.score_persons(NOBODY, np.ones((1, 4), bool))).all()


def test_only_the_strongest_neighbours_stay() -> None:
    rows = [("a", f"p0000{code}", "s", VIEW, code / 100) for code in range(4)]
    pairs, _ = pairs_of(rows, covisitation_neighbours=1, covisitation_backward=0.0)
    assert np.argwhere(pairs).tolist() == [[0, 1], [1, 2], [2, 3]]


def test_popularity_by_department_follows_the_main_department() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00002", "s", VIEW, 0.1),
        ("a", "p00001", "s", VIEW, 0.2),
        ("b", "p00001", "t", VIEW, 0.0),
        ("b", "p00003", "t", VIEW, 0.1),
        ("c", "p00003", "u", VIEW, 0.1),
    ]
    log, catalogue = shop(rows)
    matrix = person_product(log, log.last_at + 1, FOREVER)
    model = PopularInDepartment.fit(matrix, catalogue)
    assert model.main_department.tolist() == [0, 1, 1, -1]
    everything = np.ones((1, 4), bool)
    of_a = model.score_persons(np.array([0], np.int32), everything)[0]
    of_b = model.score_persons(np.array([1], np.int32), everything)[0]
    assert np.isneginf(of_a[3]) and of_a[0] > 0
    assert of_b[3] > of_b[1] and np.isneginf(of_b[0])
    overall = Popular.fit(matrix).score_persons(NOBODY, everything)
    assert model.score_persons(NOBODY, everything) == pytest.approx(overall)


def test_chance_draws_within_the_department_first_and_the_same_each_time() -> None:
    department = np.array([0, 1] * 50, np.int32)
    model = ChanceInDepartment(np.array([0, 1, -1], np.int32), department, seed=4)
    persons = np.array([0, 1], np.int32)
    scores = model.score_persons(persons, np.ones((2, 100), bool))
    assert (scores[0] >= 1).tolist() == (department == 0).tolist()
    assert (scores[1] >= 1).tolist() == (department == 1).tolist()
    assert np.array_equal(model.score_persons(persons[1:], np.ones((1, 100), bool)), scores[1:])
    other = ChanceInDepartment(model.main_department, department, seed=5)
    assert not np.array_equal(other.score_persons(persons, np.ones((2, 100), bool)), scores)
    draws = model._draw(np.arange(2000, dtype=np.int32))
    assert draws.mean() == pytest.approx(0.5, abs=0.005)
    assert np.corrcoef(draws[0::2].ravel(), draws[1::2].ravel())[0, 1] == pytest.approx(0, abs=0.02)


def test_als_is_bitwise_the_same_on_one_and_two_threads(
    log: InteractionLog, catalogue: Catalogue
) -> None:
    params = RecommenderParams(als_factors=16)
    matrix = person_product(log, log.last_at + 1, params.half_life_days)
    one, two = (Als.fit(matrix, params, n_threads=n) for n in (1, 2))
    assert np.array_equal(one.person_factors, two.person_factors)
    assert np.array_equal(one.item_factors, two.item_factors)


def test_als_has_no_opinion_on_products_or_persons_without_interactions() -> None:
    log, _ = shop([("a", "p00000", "s", VIEW, 0.0), ("b", "p00001", "t", VIEW, 0.0)])
    params = RecommenderParams(als_factors=4)
    model = Als.fit(person_product(log, START + 1, 30.0), params)
    scores = model.score_persons(np.array([0, -1], np.int32), np.ones((2, 4), bool))
    assert np.isfinite(scores[0]).tolist() == [True, True, False, False]
    assert np.isneginf(scores[1]).all()
    assert np.isneginf(model.score_items(np.array([2], np.int32))).all()


def test_every_seen_pair_has_more_confidence_than_an_unseen_one(log: InteractionLog) -> None:
    data = confidence(person_product(log, log.last_at + 1, 30.0), 10.0).data
    assert data.min() > 1
    assert data.mean() > 2


def test_a_blend_normalises_over_what_is_allowed() -> None:
    scores = np.array([[4.0, 2.0, -np.inf, -1.0]], np.float32)
    allowed = np.array([[False, True, True, True]])
    assert normalised(scores, allowed).tolist() == [[0.0, 1.0, 0.0, 0.0]]
    assert not normalised(scores, np.zeros((1, 4), bool)).any()


def test_a_blend_weighs_its_parts() -> None:
    one, two = Popular(np.array([2, 1, 0], np.float32)), Popular(np.array([0, 1, 4], np.float32))
    blend = Blend((one, two), (0.75, 0.25))
    scores = blend.score_persons(NOBODY, np.ones((1, 3), bool))
    assert scores[0] == pytest.approx([0.75, 0.375 + 0.0625, 0.25])
    # The seed product itself is left out of the normalisation.
    assert blend.score_items(np.array([0], np.int32))[0, 1:] == pytest.approx([0.8125, 0.25])
