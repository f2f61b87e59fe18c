"""Point-in-time features, and that nothing from later can move them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.sparse import csr_array

from tests.recommender.factory import START, Shop, interactions_table, products_table
from trasos.recommender.arrays import SECONDS_A_DAY
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.ranking.features import NAMES, features
from trasos.recommender.ranking.learn import examples_of
from trasos.recommender.ranking.slices import slice_at
from trasos.recommender.sql import Events
from trasos.recommender.tune import UNTUNED_WEIGHTS, Tuning

PARAMS = RecommenderParams(als_factors=8, als_iterations=3)
AS_OF = START + 60 * SECONDS_A_DAY
VIEW, CART, BUY = "product_viewed", "product_added", "item_purchased"


@pytest.fixture(scope="module")
def dated(tasteful: Shop) -> Shop:
    """The shop with every eighth product launched during the log, and no event before that."""
    codes = np.arange(tasteful.products.num_rows)
    day = np.where(codes % 8 == 0, 30 + codes % 60, -100)
    launched = pa.array((START + day * SECONDS_A_DAY) * 1_000_000, pa.timestamp("us"))
    products = tasteful.products.set_column(6, "launched_at", launched)
    code = pc.index_in(tasteful.interactions["product_id"], products["product_id"].combine_chunks())
    is_there = pc.greater_equal(tasteful.interactions["event_at"], launched.take(code))
    return Shop(tasteful.interactions.filter(is_there), products)


def opened(shop: Shop) -> tuple[InteractionLog, Catalogue]:
    catalogue = Catalogue.from_arrow(shop.products)
    return InteractionLog.from_arrow(shop.interactions, catalogue), catalogue


def later(shop: Shop) -> Any:
    return pc.greater_equal(
        shop.interactions["event_at"], pa.scalar(AS_OF * 1_000_000, pa.timestamp("us"))
    )


def cut(shop: Shop) -> Shop:
    """All at and after the moment deleted, products launched later too."""
    return Shop(
        shop.interactions.filter(pc.invert(later(shop))),
        shop.products.filter(
            pc.less_equal(
                shop.products["launched_at"], pa.scalar(AS_OF * 1_000_000, pa.timestamp("us"))
            )
        ),
    )


def changed(shop: Shop) -> Shop:
    """All at and after the moment another: product, person, type, weight and time."""
    turn = np.random.default_rng(5)
    after = shop.interactions.filter(later(shop))
    mixed = after.take(turn.permutation(after.num_rows))
    after = after.set_column(1, "product_id", mixed["product_id"])
    after = after.set_column(0, "person_id", pa.array([f"new-{n}" for n in range(after.num_rows)]))
    after = after.set_column(3, "event_type", pa.array(["item_purchased"] * after.num_rows))
    after = after.set_column(5, "weight", pa.array(np.full(after.num_rows, 99.0)))
    before = shop.interactions.filter(pc.invert(later(shop)))
    return Shop(pa.concat_tables([before, after]), shop.products)


def at_the_moment(shop: Shop) -> Shop:
    """All that came later moved to the very moment, which does not count either."""
    after = shop.interactions.filter(later(shop))
    now = pa.array(np.full(after.num_rows, AS_OF * 1_000_000), pa.timestamp("us"))
    before = shop.interactions.filter(pc.invert(later(shop)))
    return Shop(pa.concat_tables([before, after.set_column(4, "event_at", now)]), shop.products)


def asked_for(shop: Shop) -> tuple[list[str], list[str]]:
    """Pairs of persons with history and products known at the moment."""
    known = cut(shop)
    draw = np.random.default_rng(3)
    persons = sorted(set(known.interactions["person_id"].to_pylist()))
    products = known.products["product_id"].to_pylist()
    return (
        [persons[at] for at in draw.integers(0, len(persons), 3000)],
        [products[at] for at in draw.integers(0, len(products), 3000)],
    )


def codes(ids: Any, wanted: list[str]) -> np.ndarray:
    return pc.index_in(pa.array(wanted), value_set=ids).to_numpy().astype(np.int32)


def asked(shop: Shop, pairs: tuple[list[str], list[str]]) -> np.ndarray:
    log, catalogue = opened(shop)
    persons, products = codes(log.person_ids, pairs[0]), codes(catalogue.product_ids, pairs[1])
    return features(log, catalogue, PARAMS, AS_OF, persons, products)


def moved(one: np.ndarray, two: np.ndarray, names: tuple[str, ...]) -> set[str]:
    """Names of the columns that differ in a bit."""
    assert one.dtype == two.dtype == np.float32 and one.shape == two.shape
    differs = (one.view(np.uint32) != two.view(np.uint32)).any(axis=0)
    return {name for name, is_other in zip(names, differs, strict=True) if is_other}


WAYS = [cut, changed, at_the_moment]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_from_the_moment_on_moves_a_feature_by_a_bit(
    way: Callable[[Shop], Shop], dated: Shop
) -> None:
    pairs = asked_for(dated)
    found = asked(dated, pairs)
    assert moved(found, asked(way(dated), pairs), NAMES) == set()
    # What is compared is not all nothing: each feature is known for many and differs among them.
    assert (np.isfinite(found).mean(axis=0) > 0.05).all()
    assert (np.nanstd(found, axis=0) > 0).all()


@pytest.mark.parametrize("way", WAYS)
def test_nor_a_feature_of_the_sources_that_are_fitted_for_a_slice(
    way: Callable[[Shop], Shop], dated: Shop
) -> None:
    """Every column of the examples of a slice, with factors, walks and pairs fitted for it.

    Outcomes do come from later, so for these rows they are put in by hand: everyone chose all.
    """

    def rows(shop: Shop) -> tuple[np.ndarray, tuple[str, ...]]:
        log, catalogue = opened(shop)
        found = slice_at(log, catalogue, PARAMS, AS_OF, AS_OF + SECONDS_A_DAY)
        persons = np.arange(0, found.log.n_persons, 5, dtype=np.int32)
        candidates = found.catalogue.launched_at <= AS_OF
        everything = csr_array(np.ones((len(persons), found.catalogue.n_products)))
        examples = examples_of(
            replace(found, persons=persons, outcome=everything, candidates=candidates),
            PARAMS,
            Tuning(UNTUNED_WEIGHTS, 30.0, 0, float("nan")),
        )
        return examples.rows, examples.columns

    one, names = rows(dated)
    two, _ = rows(way(dated))
    assert len(one) > 2000
    assert moved(one, two, names) == set()


@pytest.mark.parametrize("name", ["product_features", "person_features", "taste_features"])
def test_a_feature_that_looks_a_day_ahead_is_found(
    name: str, dated: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leak is planted in each text of SQL in turn; the comparison above has to see it."""
    honest = Events.query

    def ahead(
        self: Events, package: str, file: str, parameters: dict[str, float], *more: Any
    ) -> dict[str, Any]:
        if file == name:
            parameters = {**parameters, "as_of": parameters["as_of"] + SECONDS_A_DAY}
        return honest(self, package, file, parameters, *more)

    monkeypatch.setattr(Events, "query", ahead)
    pairs = asked_for(dated)
    found = moved(asked(dated, pairs), asked(cut(dated), pairs), NAMES)
    assert found, f"the leak in {name} was not found"


def test_features_are_what_their_names_say() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00000", "s", CART, 0.1),
        ("a", "p00002", "t", VIEW, 20.0),
        ("b", "p00000", "u", BUY, 26.0),
        ("b", "p00004", "u", VIEW, 27.0),
        ("b", "p00000", "v", VIEW, 28.0),
    ]
    products = products_table(6, n_departments=2, brand=["x", "y", "x", "y", "z", "z"])
    catalogue = Catalogue.from_arrow(products)
    log = InteractionLog.from_arrow(interactions_table(rows), catalogue)
    params = replace(PARAMS, half_life_days=1e6)
    as_of = START + 28 * SECONDS_A_DAY
    found = features(
        log, catalogue, params, as_of, np.array([0, 0, 1], np.int32), np.array([0, 2, 1], np.int32)
    )
    pairs = [dict(zip(NAMES, row.tolist(), strict=True)) for row in found]
    # Looked at 28 days ago, bought two days ago; the look at the very moment does not count.
    assert pairs[0]["product_looks_28d"] == 1 and pairs[0]["product_looks_14d"] == 0
    assert pairs[0]["product_carts_28d"] == 1 and pairs[0]["product_buys_28d"] == 1
    assert pairs[0]["product_persons_28d"] == 2
    assert pairs[0]["product_age_days"] == pytest.approx(28)
    assert pairs[1]["product_looks_a_day"] == pytest.approx(1 / 8)
    assert pairs[1]["product_log_price"] == pytest.approx(np.log(12.0))
    assert pairs[0]["person_events"] == 3 and pairs[0]["person_sessions"] == 2
    assert pairs[0]["person_days_since"] == pytest.approx(8)
    # Weight 1 + 4 on product 0 and 1 on product 2, both of brand x.
    assert pairs[0]["brand_weight"] == pytest.approx(6, rel=1e-3)
    assert pairs[0]["brand_share"] == pytest.approx(1)
    assert pairs[0]["brand_looks"] == 2 and pairs[0]["brand_carts"] == 1
    assert pairs[0]["brand_days_since"] == pytest.approx(8)
    # All did 6 + 8 with brand x and 1 with z; four looks' worth of that stand beside the own six.
    usual = 14 / 15
    share = (6 + 4 * usual) / (6 + 4)
    assert pairs[0]["brand_lift"] == pytest.approx(np.log(share / usual), rel=1e-3)
    # Nobody met product 1: no age, no looks; nor did b its brand.
    assert pairs[2]["product_looks_28d"] == 0 and np.isnan(pairs[2]["product_age_days"])
    assert pairs[2]["brand_weight"] == 0 and np.isnan(pairs[2]["brand_days_since"])


def test_the_order_of_rows_moves_no_feature(dated: Shop) -> None:
    turn = np.random.default_rng(1)
    mixed = Shop(
        dated.interactions.take(turn.permutation(dated.interactions.num_rows)),
        dated.products.take(turn.permutation(dated.products.num_rows)),
    )
    pairs = asked_for(dated)
    assert moved(asked(dated, pairs), asked(mixed, pairs), NAMES) == set()
