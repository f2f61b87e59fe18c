from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.recommender.factory import Shop, interactions_table, products_table, simulate
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.params import RecommenderParams
from trasos.recommender.sessions import SessionParams
from trasos.recommender.sessions.evaluate import ROWS, NextItemResult, cut, next_item_report
from trasos.recommender.sessions.next_item import METRICS

PARAMS = RecommenderParams(bootstrap_resamples=300)
TRIED = [SessionParams(gap_decay=gap) for gap in (0.5, 1.0)]
VIEW = "product_viewed"


@pytest.fixture(scope="module")
def small() -> Shop:
    return simulate(n_events=6_000, days=60.0)


def log_of(table: Any, n_products: int = 160) -> InteractionLog:
    return InteractionLog.from_arrow(table, Catalogue.from_arrow(products_table(n_products)))


@pytest.fixture(scope="module")
def result(small: Shop) -> NextItemResult:
    return next_item_report(log_of(small.interactions), PARAMS, TRIED)


def cell(result: NextItemResult, model: str, metric: str, baseline: str) -> dict[str, Any]:
    wanted = {"model": model, "metric": metric, "baseline": baseline}
    (row,) = [row for row in result.rows.to_pylist() if wanted.items() <= row.items()]
    return dict(row)


def test_planted_taste_is_found_in_sessions(result: NextItemResult) -> None:
    assert cell(result, "session_knn", "mrr", "popular")["diff_low"] > 0.02
    assert cell(result, "session_knn", "hit_rate", "popular")["diff_low"] > 0.2


def test_rows_cross_models_metrics_and_baselines_once(result: NextItemResult) -> None:
    rows = result.rows.to_pylist()
    models = {"popular", "covisitation", "session_knn"}
    keys = {(row["model"], row["metric"], row["baseline"]) for row in rows}
    assert keys == {(a, metric, b) for a in models for b in models for metric in METRICS}
    assert len(rows) == len(keys)
    assert result.rows.schema == ROWS
    for row in rows:
        assert row["ci_low"] <= row["value"] <= row["ci_high"]
        assert row["diff_low"] <= row["difference"] <= row["diff_high"]
        if row["model"] == row["baseline"]:
            assert row["difference"] == row["diff_low"] == row["diff_high"] == 0


def test_what_happens_after_the_split_chooses_nothing(small: Shop, result: NextItemResult) -> None:
    table = small.interactions
    at = table["event_at"].cast(pa.int64()).to_numpy() // 1_000_000
    assert result.split_at is not None
    later = (at >= result.split_at) & (at < at.max())
    product = table["product_id"].to_numpy(zero_copy_only=False).copy()
    product[later] = np.random.default_rng(0).permutation(product[later])
    changed = log_of(table.set_column(1, "product_id", pa.array(product)))
    other = next_item_report(changed, PARAMS, TRIED)
    assert other.tuning == result.tuning
    assert not other.rows.equals(result.rows)


def test_the_order_of_rows_does_not_matter(small: Shop, result: NextItemResult) -> None:
    order = np.random.default_rng(0).permutation(small.interactions.num_rows)
    shuffled = next_item_report(log_of(small.interactions.take(order)), PARAMS, TRIED)
    assert shuffled.rows.equals(result.rows)


def test_a_session_across_the_split_is_learnt_from_but_not_asked_about() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00001", "across", VIEW, 0.9),
        ("a", "p00002", "across", VIEW, 1.1),
        ("b", "p00003", "t", VIEW, 1.2),
        ("b", "p00004", "t", VIEW, 1.3),
    ]
    log = log_of(interactions_table(rows), 5)
    past, rest = cut(log, int(log.event_at[0]) + 86_400)
    assert past.product.tolist() == [0, 1]
    assert rest.product.tolist() == [3, 4]


def test_an_addition_of_what_is_on_screen_is_no_next_item() -> None:
    rows = [
        ("a", "p00000", "s", VIEW, 0.0),
        ("a", "p00000", "s", "product_added", 0.1),
        ("a", "p00001", "s", VIEW, 0.2),
    ]
    past, _ = cut(log_of(interactions_table(rows), 5), 2_000_000_000)
    assert past.product.tolist() == [0, 1]


@pytest.mark.parametrize("event_type", [VIEW, "page_scrolled"])
def test_a_log_too_short_has_no_rows(event_type: str) -> None:
    rows = [("a", f"p0000{day}", "s", event_type, float(day)) for day in range(4)]
    result = next_item_report(log_of(interactions_table(rows), 5), PARAMS)
    assert result == NextItemResult(ROWS.empty_table(), None, None)
