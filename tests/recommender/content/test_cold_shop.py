"""Products launched in the simulated shop's last weeks, with content and without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.recommender.cold import difference, summary
from bench.recommender.cold_shop import ColdShop, explored, shown
from bench.recommender.simulated import simulated_shop
from trasos.recommender.content import ContentFeatures, content_features
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.simulator.config import SimulationConfig

SHOP = SimulationConfig(people=1_500, products=400, days=70, images=False)
RIDGE, SCALE = 1.0, 1.2


@pytest.fixture(scope="module")
def shop() -> ColdShop:
    interactions, products, _ = simulated_shop(SHOP)
    catalogue = Catalogue.from_arrow(products)
    log = InteractionLog.from_arrow(interactions, catalogue)
    features = content_features(products, catalogue)
    return ColdShop.at(log, catalogue, features, log.last_at + 1)


def test_nothing_of_a_cold_product_was_learnt(shop: ColdShop) -> None:
    case = shop.case
    assert case.cold.sum() > 10
    assert not case.cold[case.train.product].any()
    assert case.train.last_at < case.as_of
    assert not shop.recommender.als.item_factors[case.cold].any()


def test_content_finds_cold_products_that_clicks_cannot(shop: ColdShop) -> None:
    without = shop.values(shop.recommender.blend)
    with_content = shop.values(shop.blend(RIDGE, SCALE))
    gain = difference(with_content, without)
    print(f"cold recall@20 {gain['cold']['recall']}, all {gain['all']['recall']}")
    assert summary(without)["cold"]["recall"] == 0
    assert gain["cold"]["recall"][1] > 0.1
    # What people wanted in all, cold or not, is found no worse.
    assert gain["all"]["recall"][2] > 0
    neighbours = shop.values(shop.neighbours())
    assert difference(with_content, neighbours)["cold"]["recall"][1] > 0


def test_a_shrunken_product_never_outranks_a_warm_one(shop: ColdShop) -> None:
    """The trap of facts: without stretching, or too much of a ridge, nothing cold is shown."""
    case = shop.case
    shrunk = case.lists(shop.ladder(shop.blend(1e3, 1.0)))
    stretched = case.lists(shop.ladder(shop.blend(RIDGE, SCALE)))
    assert shown(case, shrunk)["places"] < 0.001 < shown(case, stretched)["places"]


def test_products_without_any_content_break_no_list(shop: ColdShop) -> None:
    nothing = ContentFeatures.of({}, shop.catalogue.n_products)
    half = shop.features.matrix.copy()
    half.data[half.indptr[100] :] = 0
    for features in (nothing, ContentFeatures.of({"half": half}, shop.catalogue.n_products)):
        bare = replace(shop, features=features)
        for model in (bare.blend(RIDGE, SCALE), bare.neighbours()):
            top = bare.case.lists(bare.ladder(model))
            assert (top.items >= 0).all()
            assert all(len(set(row)) == len(row) for row in top.items.tolist())
            assert np.isfinite(top.falling_scores()).all()
    without = bare.case.lists(shop.ladder(shop.recommender.blend))
    unknown = replace(shop, features=nothing)
    same = unknown.case.lists(unknown.ladder(unknown.blend(RIDGE, SCALE)))
    assert (same.items == without.items).all()


def test_exploration_shows_what_is_new_and_costs_little(shop: ColdShop) -> None:
    case = shop.case
    top = case.lists(shop.ladder(shop.recommender.blend))
    drawn = explored(shop, top, 0.25)
    assert shown(case, top)["coverage"] == 0 and shown(case, drawn)["coverage"] > 0.9
    cost = difference(case.values(drawn), case.values(top))["warm"]["ndcg"]
    print(f"exploration costs NDCG@10 {cost}")
    assert -0.03 * summary(case.values(top))["warm"]["ndcg"] < cost[0] <= 0
