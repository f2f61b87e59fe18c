"""The matrix of content: what is in it, what may be missing, and that order means nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trasos.errors import ConfigurationError, InputError
from trasos.recommender.content import ContentFeatures, ContentParams, content_features
from trasos.recommender.content.attributes import price_bands
from trasos.recommender.data import Catalogue

SHADES = ("Sage", "Navy", "Ecru")
GARMENTS = ("Linen Dress", "Wool Coat", "Linen Skirt")


def products(n: int = 24, **overrides: Any) -> Any:
    codes = range(n)
    columns: dict[str, Any] = {
        "product_id": [f"p{code:03d}" for code in codes],
        "product_name": [f"{GARMENTS[c % 3]}, {SHADES[c // 2 % 3]}" for c in codes],
        "department": [("women", "men")[code % 2] for code in codes],
        "category": [f"category {code % 3}" for code in codes],
        "brand": [f"brand {code % 5}" for code in codes],
        "colour": [SHADES[code // 2 % 3] for code in codes],
        "price": [10.0 + code for code in codes],
        "launched_at": pa.nulls(n, pa.timestamp("us")),
        "is_on_sale": [True] * n,
        "embedding": [[float(code), 1.0] if code % 4 else None for code in codes],
    }
    return pa.table({**columns, **overrides})


def features(table: Any, **given: Any) -> ContentFeatures:
    params = ContentParams(text_dimensions=4, price_bands=2)
    return content_features(table, Catalogue.from_arrow(table), params, **given)


def test_the_same_bits_whatever_the_order_of_rows() -> None:
    table = products()
    order = np.random.default_rng(3).permutation(table.num_rows)
    one, other = features(table), features(table.take(pa.array(order)))
    assert one.blocks == other.blocks
    assert one.matrix.dtype == np.float32
    for part in ("data", "indices", "indptr"):
        assert getattr(one.matrix, part).tobytes() == getattr(other.matrix, part).tobytes()


def test_every_block_is_there_by_name() -> None:
    found = features(products(), pictures=np.eye(24, 6, dtype=np.float32))
    assert found.names == (
        "department",
        "category",
        "brand",
        "colour",
        "price",
        "text",
        "picture",
        "embedding",
    )
    assert found.matrix.shape == (24, 2 + 3 + 5 + 3 + 2 + 4 + 6 + 2)
    lengths = np.sqrt(np.asarray((found.only("text").matrix ** 2).sum(axis=1)))
    assert lengths == pytest.approx(1, abs=1e-5)


def test_a_rare_value_weighs_more_than_a_common_one() -> None:
    table = products(brand=["common"] * 22 + ["rare"] * 2)
    brand = features(table).only("brand").matrix.toarray()
    assert brand[0, 0] == pytest.approx(np.log(24 / 22) / np.log(24), rel=1e-5)
    assert brand[23, 1] == pytest.approx(np.log(24 / 2) / np.log(24), rel=1e-5)


def test_a_value_of_one_product_alone_says_nothing_of_others() -> None:
    table = products(brand=["shared"] * 23 + ["alone"])
    assert features(table).only("brand").matrix.shape == (24, 1)
    assert not features(table).only("brand").known[23]


def test_missing_columns_and_values_leave_gaps_and_break_nothing() -> None:
    bare = products().select(["product_id", "department", "category", "brand"])
    n = bare.num_rows
    for name, values in {
        "launched_at": pa.nulls(n, pa.timestamp("us")),
        "is_on_sale": pa.array([True] * n),
        "product_name": pa.nulls(n, pa.string()),
        "price": pa.nulls(n, pa.float64()),
    }.items():
        bare = bare.append_column(name, values)
    empty = bare.set_column(1, "department", pa.nulls(n, pa.string()))
    empty = empty.set_column(2, "category", pa.nulls(n, pa.string()))
    empty = empty.set_column(3, "brand", pa.array([None] * (n - 2) + ["x", "X "], pa.string()))
    assert features(bare).names == ("department", "category", "brand")
    found = features(empty)
    assert found.names == ("brand",)
    assert found.known.tolist() == [False] * (n - 2) + [True] * 2
    nothing = found.only()
    assert nothing.matrix.shape == (n, 0) and not nothing.known.any()


def test_an_unknown_block_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"No content block smell; there are department"):
        features(products()).only("smell")


def test_blocks_that_do_not_fit_are_told() -> None:
    with pytest.raises(InputError, match="has 3 rows for 4 products"):
        ContentFeatures.of({"own": np.ones((3, 2))}, 4)
    with pytest.raises(InputError, match="no finite numbers"):
        ContentFeatures.of({"own": np.array([[np.nan]])}, 1)
    vectors = [[1.0]] * 23 + [[1.0, 2.0]]
    with pytest.raises(InputError, match=r"embedding has vectors of 2 lengths \(1 to 2\)"):
        features(products(embedding=vectors))


def test_products_that_the_catalogue_has_more_of_are_told() -> None:
    table = products()
    with pytest.raises(InputError, match="lacks 4 products"):
        content_features(table.slice(4), Catalogue.from_arrow(table))


def test_prices_are_banded_within_their_category_and_ties_stay_together() -> None:
    price = np.array([1.0, 2.0, 3.0, 4.0, 100.0, 100.0, 300.0, np.nan])
    category = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32)
    assert price_bands(price, category, 2).tolist() == [0, 0, 1, 1, 0, 0, 1, -1]
