"""The recommender's tables, as a build leaves them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.warehouse.home import Home, fingerprints


def files(home: Home) -> dict[Path, int]:
    """Every artefact with its time of change."""
    return {
        path: path.stat().st_mtime_ns
        for path in home.settings.artefacts.rglob("*")
        if path.is_file()
    }


def test_a_second_build_of_everything_changes_no_row_and_trains_nothing(shop: Home) -> None:
    before, artefacts = fingerprints(shop), files(shop)
    assert before["rec_model_versions"][0] == 1
    shop.dbt("build", "--exclude-resource-types", "unit_test", "test")
    assert fingerprints(shop) == before
    assert files(shop) == artefacts


def test_the_blend_beats_popularity_on_a_shop_whose_people_have_taste(shop: Home) -> None:
    difference, low = shop.query(
        "select difference, diff_low from rec_evaluations where model = 'blend' and slice = 'warm' "
        "and metric = 'ndcg' and k = 10 and baseline = 'popular'"
    )[0]
    print(f"blend against popularity: NDCG@10 {difference:+.4f}, interval from {low:+.4f}")
    assert low > 0


def test_the_decay_of_sql_and_of_python_is_one(shop: Home) -> None:
    """ftr_interactions and the matrix that models learn from weigh alike."""
    from trasos.recommender.data import Catalogue, InteractionLog
    from trasos.recommender.matrix import person_product

    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        events = connection.sql("from ftr_interaction_events").to_arrow_table()
        products = connection.sql("from dim_products").to_arrow_table()
        theirs = connection.sql(
            "select person_id, product_id, decayed_weight from ftr_interactions order by all"
        ).fetchnumpy()
    catalogue = Catalogue.from_arrow(products)
    log = InteractionLog.from_arrow(events, catalogue)
    ours = person_product(log, as_of=log.last_at, half_life_days=30.0).tocoo()
    assert ours.nnz == len(theirs["decayed_weight"])
    assert float(ours.data.sum()) == pytest.approx(
        float(np.sum(theirs["decayed_weight"])), rel=1e-4
    )
