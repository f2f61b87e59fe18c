from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.recommender.factory import (
    START,
    interactions_table,
    products_table,
    simulate,
)
from trasos.errors import InputError
from trasos.recommender.data import NO_LAUNCH, Catalogue, InteractionLog

ROWS = [
    ("bo", "p00001", "s1", "product_viewed", 1.0),
    ("al", "p00000", "s2", "item_purchased", 0.5),
    ("bo", "p00002", "s1", "product_viewed", 0.0),
]


def read(rows: list[tuple[str, str, str, str, float]] | None = None, n: int = 4) -> InteractionLog:
    catalogue = Catalogue.from_arrow(products_table(n))
    return InteractionLog.from_arrow(interactions_table(rows or ROWS), catalogue)


def test_ids_become_positions_among_the_sorted_and_rows_go_by_time() -> None:
    log = read()
    assert log.person_ids.to_pylist() == ["al", "bo"]
    assert log.person.tolist() == [1, 0, 1]
    assert log.product.tolist() == [2, 0, 1]
    assert log.session.tolist() == [0, 1, 0]
    assert (log.event_at - START).tolist() == [0, 43_200, 86_400]
    assert log.weight.tolist() == [1.0, 8.0, 1.0]
    kinds = (log.person.dtype, log.product.dtype, log.session.dtype, log.weight.dtype)
    assert kinds == (np.int32, np.int32, np.int64, np.float32)


def test_the_order_of_rows_does_not_matter() -> None:
    shop = simulate(n_persons=40, n_products=30, n_events=500)
    shuffled = np.random.default_rng(1)
    catalogue = Catalogue.from_arrow(shop.products)
    turned = Catalogue.from_arrow(shop.products.take(shuffled.permutation(30)))
    assert turned.product_ids.equals(catalogue.product_ids)
    assert np.array_equal(turned.category, catalogue.category)
    one = InteractionLog.from_arrow(shop.interactions, catalogue)
    order = shuffled.permutation(shop.interactions.num_rows)
    two = InteractionLog.from_arrow(shop.interactions.take(order), turned)
    for name in ("person", "product", "session", "event_type", "event_at", "weight"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_events_of_unknown_products_are_counted_and_left_out() -> None:
    log = read([*ROWS, ("cy", "gone", "s9", "product_viewed", 2.0)])
    assert log.n_unknown_products == 1
    assert log.n_events == 3
    assert log.person_ids.to_pylist() == ["al", "bo"]


def test_before_is_strict_and_from_is_the_rest() -> None:
    log = read()
    moment = int(log.event_at[1])
    assert log.before(moment).n_events == 1
    assert log.from_moment(moment).n_events == 2


def test_own_persons_are_only_those_who_occur() -> None:
    own, codes = read().from_moment(START + 80_000).with_own_persons()
    assert own.person_ids.to_pylist() == ["bo"]
    assert own.person.tolist() == [0]
    assert codes.tolist() == [-1, 0]


def test_events_outside_sessions_and_other_arrow_types_are_taken() -> None:
    table = interactions_table(ROWS)
    table = table.set_column(2, "session_id", pa.array(["s1", None, "s1"], pa.large_string()))
    table = table.set_column(0, "person_id", table["person_id"].dictionary_encode())
    zoned = table["event_at"].cast(pa.timestamp("ns", "UTC"))
    table = table.set_column(4, "event_at", zoned)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    log = InteractionLog.from_arrow(reader, Catalogue.from_arrow(products_table(4)))
    assert log.session.tolist() == [0, -1, 0]
    assert (log.event_at - START).tolist() == [0, 43_200, 86_400]


def test_an_unknown_launch_was_always() -> None:
    launched = pa.array([None, None, 2, 3], pa.timestamp("s"))
    catalogue = Catalogue.from_arrow(products_table(4, launched_at=launched))
    assert catalogue.launched_at.tolist() == [NO_LAUNCH, NO_LAUNCH, 2, 3]


def test_the_same_category_name_in_two_departments_is_two_categories() -> None:
    catalogue = Catalogue.from_arrow(
        products_table(2, department=["men", "women"], category=["shoes", "shoes"])
    )
    assert len(set(catalogue.category.tolist())) == 2


def broken(**columns: Any) -> Any:
    table = interactions_table(ROWS)
    for name, values in columns.items():
        position = table.column_names.index(name)
        table = table.remove_column(position)
        if values is not None:
            table = table.append_column(name, values)
    return table


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (broken(weight=None), "no column weight"),
        (broken(weight=pa.array(["1", "2", "3"])), "interactions.weight is string"),
        (broken(weight=pa.array([1.0, 0.0, 2.0])), "not a positive number in 1"),
        (broken(weight=pa.array([1.0, None, 2.0])), "not a positive number in 1"),
        (broken(event_at=pa.array([1, 2, 3])), "event_at is int64"),
        (broken(person_id=pa.array(["a", None, "b"])), "person_id is null in 1 of 3"),
        (broken(product_id=pa.array(["x", "y", "z"])), "none of the products"),
        (interactions_table(ROWS).slice(0, 0), "no rows"),
        ([{"person_id": "a"}], "list"),
    ],
)
def test_tables_that_do_not_fit_are_refused_with_a_word(table: Any, word: str) -> None:
    with pytest.raises(InputError, match=word):
        InteractionLog.from_arrow(table, Catalogue.from_arrow(products_table(4)))


def test_a_product_stands_once_in_the_catalogue() -> None:
    with pytest.raises(InputError, match="1 duplicate"):
        Catalogue.from_arrow(products_table(3, product_id=["a", "b", "a"]))
