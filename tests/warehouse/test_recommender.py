"""The recommender's tables, as a build leaves them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from tests.warehouse.home import ROOT, Home, fingerprints


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
    """ftr_interactions and what models learn from weigh time alike."""
    from trasos.recommender.data import Catalogue, InteractionLog
    from trasos.recommender.decay import decayed

    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        events = connection.sql("from ftr_interaction_events").to_arrow_table()
        products = connection.sql("from dim_products").to_arrow_table()
    log = InteractionLog.from_arrow(events, Catalogue.from_arrow(products))
    half_life = float(yaml.safe_load((ROOT / "vars.yml").read_text())["vars"]["half_life_days"])
    ours = decayed(log.weight, log.event_at, log.last_at, half_life)
    theirs = shop.one("select sum(decayed_weight) from ftr_interactions")
    assert float(ours.sum()) == pytest.approx(theirs, rel=1e-5)
