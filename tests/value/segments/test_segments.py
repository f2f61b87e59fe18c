"""Segments: planted ones are found, under names that stay."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from trasos import value
from trasos.errors import ConfigurationError, InputError
from trasos.value.params import SegmentParams
from trasos.value.segments import names_by_profile
from trasos.value.segments.clusters import cluster
from trasos.value.segments.features import describe

# Days since the last order, days with an order, value of an order, sessions, views.
PLANTED = {
    "many_orders_recent": (10, 8, 60, 40, 160),
    "one_order_recent": (12, 1, 45, 5, 15),
    "many_orders_lapsed": (200, 6, 70, 25, 90),
    "one_order_lapsed": (220, 1, 40, 3, 8),
}


def planted(sizes: tuple[int, ...], seed: int = 0) -> tuple[pa.Table, pa.Table, np.ndarray]:
    """Customers around four middles: their table, what they did, and which one each is of."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    middles = np.array(list(PLANTED.values()), float)[truth]
    drawn = middles * rng.lognormal(0, 0.18, middles.shape)
    days = np.maximum(1, np.round(drawn[:, 0]))
    orders = np.maximum(1, np.round(drawn[:, 1]))
    ids = [f"p{k:06d}" for k in range(len(truth))]
    customers = pa.table(
        {
            "person_id": ids,
            "net_revenue": drawn[:, 2] * orders,
            "order_day_count": orders.astype(np.int64),
            "days_since_last_order": days.astype(np.int64),
        }
    )
    behaviour = pa.table(
        {
            "person_id": ids,
            "session_count": np.round(drawn[:, 3]).astype(np.int64),
            "view_count": np.round(drawn[:, 4]).astype(np.int64),
        }
    )
    return customers, behaviour, truth


def test_planted_segments_are_found_and_named() -> None:
    customers, behaviour, truth = planted((120, 300, 90, 200))
    found = value.segment_members(customers, behaviour, {})
    names = found["segment_name"].to_pylist()
    assert set(names) == set(PLANTED)
    assert adjusted_rand_score(truth, names) > 0.97
    assert set(found["status"].to_pylist()) == {"segmented"}
    assert found["silhouette"][0].as_py() > 0.5


def test_the_order_of_rows_does_not_matter() -> None:
    customers, behaviour, _ = planted((60, 90, 60, 70))
    rng = np.random.default_rng(1)
    mixed = value.segment_members(
        customers.take(rng.permutation(customers.num_rows)),
        behaviour.take(rng.permutation(behaviour.num_rows)),
        {},
    )
    assert value.segment_members(customers, behaviour, {}).equals(mixed)


def test_names_stay_when_customers_grow_by_a_twentieth() -> None:
    before = value.segment_members(*planted((120, 300, 90, 200))[:2], {})
    more, behaviour, _ = planted((120, 300, 90, 200), seed=0)
    extra, did, _ = planted((6, 15, 5, 10), seed=9)
    names = [f"q{k:06d}" for k in range(extra.num_rows)]
    place = extra.column_names.index("person_id")
    after = value.segment_members(
        pa.concat_tables([more, extra.set_column(place, "person_id", pa.array(names))]),
        pa.concat_tables([behaviour, did.set_column(0, "person_id", pa.array(names))]),
        {},
    )
    assert set(before["segment_name"].to_pylist()) == set(after["segment_name"].to_pylist())
    then = dict(
        zip(before["person_id"].to_pylist(), before["segment_name"].to_pylist(), strict=True)
    )
    now = dict(zip(after["person_id"].to_pylist(), after["segment_name"].to_pylist(), strict=True))
    assert np.mean([now[who] == name for who, name in then.items()]) > 0.99


def test_the_number_is_the_fewest_that_lose_next_to_nothing() -> None:
    customers, behaviour, _ = planted((80, 80, 80, 80))
    scaled = describe(customers, behaviour).scaled
    with threadpool_limits(limits=1):
        found = cluster(scaled, SegmentParams())
        widest = cluster(scaled, SegmentParams(silhouette_margin=1.0))
    assert len(found.centroids) == 4 == max(found.silhouettes, key=lambda k: found.silhouettes[k])
    assert set(found.silhouettes) == {3, 4, 5, 6, 7}
    # With a margin as wide as the scale the fewest are as good as any.
    assert len(widest.centroids) == 3
    with pytest.raises(ConfigurationError, match="range of the number of segments is empty"):
        cluster(scaled, SegmentParams(min_segments=5, max_segments=4))


def test_segments_alike_in_habits_are_told_apart_by_worth() -> None:
    customers, behaviour, truth = planted((50, 50, 50, 50))
    described = describe(customers, behaviour)
    # One and the same habit in all: four names by what they bring.
    params = SegmentParams(recent_days=500, lapsed_days=600)
    names = names_by_profile(described, np.where(truth > 1, truth - 2, truth), params)
    assert names == ["many_orders_recent", "one_order_recent"]
    halves = (np.arange(len(truth)) % 2) + 2 * (truth % 2)
    doubled = names_by_profile(described, halves, params)
    assert len(set(doubled)) == 4
    assert {name.removesuffix("_high_value").removesuffix("_low_value") for name in doubled} == {
        "many_orders_recent", "one_order_recent"
    }  # fmt: skip


def test_who_sent_all_back_is_named_so() -> None:
    customers, behaviour, truth = planted((60, 60, 60, 60))
    nothing = np.where(truth == 1, 0.0, np.asarray(customers["net_revenue"]))
    place = customers.column_names.index("net_revenue")
    changed = customers.set_column(place, "net_revenue", pa.array(nothing))
    found = value.segment_members(changed, behaviour, {})
    sent_back = {
        name
        for name, segment in zip(found["segment_name"].to_pylist(), truth, strict=True)
        if segment == 1
    }
    assert sent_back == {"all_sent_back_recent"}


@pytest.mark.parametrize(
    ("sizes", "status"), [((5, 5, 5, 5), "too_few_customers"), ((1, 0, 0, 0), "too_few_customers")]
)
def test_few_customers_are_one_segment(sizes: tuple[int, ...], status: str) -> None:
    found = value.segment_members(*planted(sizes)[:2], {})
    assert set(found["segment_name"].to_pylist()) == {"everyone"}
    assert set(found["status"].to_pylist()) == {status}


def test_customers_who_are_all_alike_are_one_segment() -> None:
    customers, behaviour, _ = planted((80, 0, 0, 0))
    same = customers.take(np.zeros(80, dtype=np.int64)).set_column(
        0, "person_id", customers["person_id"]
    )
    found = value.segment_members(same, behaviour.slice(0, 0), {})
    assert set(found["status"].to_pylist()) == {"all_alike"}
    assert found["silhouette"].null_count == 80
    assert value.segment_members(same.slice(0, 0), behaviour, {}).num_rows == 0


def test_a_customer_who_is_there_twice_is_refused() -> None:
    customers, behaviour, _ = planted((10, 0, 0, 0))
    with pytest.raises(InputError, match="person_id twice"):
        value.segment_members(pa.concat_tables([customers, customers]), behaviour, {})
