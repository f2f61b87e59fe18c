import numpy as np
import pytest

from tests.recommender.factory import START, interactions_table, products_table
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.decay import decayed
from trasos.recommender.matrix import person_product, seen_products

DAY = 86_400


def log_of(rows: list[tuple[str, str, str, str, float]]) -> InteractionLog:
    return InteractionLog.from_arrow(
        interactions_table(rows), Catalogue.from_arrow(products_table(3))
    )


def test_weights_halve_with_every_half_life() -> None:
    at = np.array([0, -10, -20], np.int64) * DAY
    weight = np.array([1, 1, 4], np.float32)
    assert decayed(weight, at, 0, 10.0).tolist() == [1.0, 0.5, 1.0]


def test_pairs_are_summed_scaled_by_their_mean_and_damped() -> None:
    log = log_of(
        [
            ("a", "p00000", "s", "product_viewed", 0.0),
            ("a", "p00000", "s", "product_viewed", 10.0),
            ("b", "p00002", "t", "product_added", 10.0),
        ]
    )
    as_of = START + 10 * DAY
    matrix = person_product(log, as_of + 1, 10.0).toarray()
    # Before scaling: a has 0.5 + 1 of product 0, b has 4 of product 2; their mean is 2.75.
    assert matrix[0] == pytest.approx([np.log1p(1.5 / 2.75), 0, 0], rel=1e-4)
    assert matrix[1] == pytest.approx([0, 0, np.log1p(4 / 2.75)], rel=1e-4)
    assert not matrix[-1].any()


def test_what_comes_later_does_not_count() -> None:
    log = log_of(
        [
            ("a", "p00000", "s", "product_viewed", 0.0),
            ("a", "p00001", "s", "product_viewed", 5.0),
        ]
    )
    matrix = person_product(log, START + 5 * DAY, 30.0)
    assert matrix.toarray()[0].astype(bool).tolist() == [True, False, False]
    assert seen_products(log).toarray().tolist() == [[1, 1, 0], [0, 0, 0]]
