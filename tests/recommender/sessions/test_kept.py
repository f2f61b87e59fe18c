import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.recommender.factory import Shop, interactions_table, products_table, simulate
from tests.recommender.rules.test_rules import rules_table
from trasos import recommender
from trasos.errors import InputError, NotReadyError
from trasos.recommender.answers import SESSION_ITEMS
from trasos.recommender.data import Catalogue
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rank import top_n
from trasos.recommender.rules import NONE
from trasos.recommender.session_tables import SESSION_MODELS
from trasos.recommender.sessions import Clicks, Running, SessionSlot, kept
from trasos.recommender.sessions.evaluate import ROWS, NextItemResult
from trasos.recommender.sessions.first_clicks import first_clicks
from trasos.recommender.sessions.kept import SESSIONS, read_slot, serving

PARAMS = {"bootstrap_resamples": "200", "list_length": "20"}
NOTHING = NextItemResult(ROWS.empty_table(), None, None)
SOME = Clicks.from_arrays([0, 0], [0, 1], [0, 1], 2)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return simulate(n_events=6_000, days=60.0)


@pytest.fixture(scope="module")
def given(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {
        "interactions": shop.interactions,
        "products": shop.products,
        "params": PARAMS,
        "artefacts": tmp_path_factory.mktemp("home") / "artefacts",
    }


@pytest.fixture(scope="module")
def model(given: dict[str, Any]) -> dict[str, Any]:
    table = recommender.session_model(**given)
    assert table.schema == SESSION_MODELS
    (row,) = table.to_pylist()
    return dict(row)


def slot_of(given: dict[str, Any], model: dict[str, Any]) -> SessionSlot:
    folder: Path = given["artefacts"].parent / model["artefact_path"]
    return read_slot(folder).slot


def test_training_tells_what_serves_and_where_it_lies(
    given: dict[str, Any], model: dict[str, Any]
) -> None:
    assert model["model"] == "session_knn"
    assert model["tuned_on_questions"] > 100
    assert model["n_sessions"] < model["n_clicks"] <= given["interactions"].num_rows
    manifest = given["artefacts"].parent / model["artefact_path"] / "manifest.json"
    before = manifest.stat().st_mtime_ns
    assert recommender.session_model(**given).to_pylist() == [model]
    assert manifest.stat().st_mtime_ns == before


def test_rows_of_the_evaluation_are_those_of_the_model_that_serves(
    given: dict[str, Any], model: dict[str, Any]
) -> None:
    table = recommender.session_evaluation(**given)
    assert set(table["model_version"].to_pylist()) == {model["model_version"]}
    wanted = {"model": "session_knn", "baseline": "popular", "metric": "hit_rate"}
    (row,) = [row for row in table.to_pylist() if wanted.items() <= row.items()]
    assert row["diff_low"] > 0.1


def test_items_are_full_lists_that_the_slot_would_give(
    given: dict[str, Any], model: dict[str, Any]
) -> None:
    table = recommender.session_items(**given)
    assert table.schema == SESSION_ITEMS
    products = given["products"].filter(given["products"]["is_on_sale"])["product_id"]
    assert set(table["product_id"].to_pylist()) <= set(products.to_pylist())
    slot = slot_of(given, model)
    catalogue = Catalogue.from_arrow(given["products"])
    for code in (0, 7, 99):
        clicked = catalogue.product_ids[code].as_py()
        rows = table.filter(pc.equal(table["clicked_product_id"], clicked))
        listed = slot.predict([code], 20, catalogue.is_on_sale)
        assert rows["rank"].to_pylist() == list(range(1, 21))
        ids = catalogue.product_ids.take(pa.array(listed.items[0])).to_pylist()
        assert rows["product_id"].to_pylist() == ids
        assert clicked not in ids
        source = ["session_knn" if rung else "popular" for rung in listed.rungs[0]]
        assert rows["source"].to_pylist() == source


def test_a_dense_ladder_gives_what_the_slot_gives(
    given: dict[str, Any], model: dict[str, Any]
) -> None:
    """Rules are followed on the dense way, which must not be another model."""
    draw = np.random.default_rng(3)
    catalogue = Catalogue.from_arrow(given["products"])
    slot = slot_of(given, model)
    row = np.repeat(np.arange(40), 4)
    running = Running.of(row, draw.integers(-1, 160, 160).astype(np.int32), 40, 160)
    dense = top_n(slot.ladder(running), slot.allowed(running, catalogue.is_on_sale), 20)
    assert np.array_equal(dense.items, slot.lists(running, 20, catalogue.is_on_sale).items)


def test_what_is_forbidden_is_not_shown(given: dict[str, Any]) -> None:
    brand = given["products"]["brand"][0].as_py()
    rule = {"rule_id": "no brand", "target_type": "brand", "target_value": brand}
    rules = rules_table({**rule, "slot": "session"})
    banned = given["products"].filter(pc.equal(given["products"]["brand"], brand))
    shown = recommender.session_items(**given, rules=rules)["product_id"].to_pylist()
    assert not set(shown) & set(banned["product_id"].to_pylist())
    before = recommender.session_items(**given)["product_id"].to_pylist()
    assert set(before) & set(banned["product_id"].to_pylist())


def test_a_log_too_short_to_judge_is_answered_all_the_same(tmp_path: Path) -> None:
    rows = [("a", f"p{n:05}", "s", "product_viewed", float(n)) for n in range(3)]
    given = interactions_table(rows), products_table(30), {"list_length": 5}, tmp_path
    (model,) = recommender.session_model(*given).to_pylist()
    assert (model["model"], model["tuned_on_questions"]) == ("session_knn", 0)
    assert recommender.session_evaluation(*given).num_rows == 0
    table = recommender.session_items(*given)
    assert table.num_rows == 30 * 5


def test_a_log_without_a_click_is_answered_with_what_is_popular() -> None:
    catalogue = Catalogue.from_arrow(products_table(30))
    clicks = Clicks.from_arrays([], [], [], 30)
    popular, _ = SessionSlot.baselines(clicks, RecommenderParams(), "allowed")
    answers = first_clicks(popular, catalogue, RecommenderParams(list_length=5), NONE)
    assert (answers.items >= 0).all()
    assert serving(NOTHING, clicks) == "popular"


@pytest.mark.parametrize(
    ("high", "name"), [(-0.001, "covisitation"), (0.0, "session_knn"), (0.02, "session_knn")]
)
def test_the_worse_does_not_serve(high: float, name: str) -> None:
    row = dict.fromkeys(ROWS.names, 0.0) | {
        **{"model": "session_knn", "baseline": "covisitation", "metric": "mrr"},
        **{"k": 20, "n_sessions": 9, "n_questions": 9, "diff_high": high},
    }
    report = NextItemResult(pa.Table.from_pylist([row], schema=ROWS), 0, None)
    assert serving(report, SOME) == name


def test_co_visitation_serves_where_it_is_better(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kept, "serving", lambda report, clicks: "covisitation")
    given = {**given, "artefacts": tmp_path}
    (model,) = recommender.session_model(**given).to_pylist()
    assert model["model"] == "covisitation"
    sources = set(recommender.session_items(**given)["source"].to_pylist())
    assert "covisitation" in sources
    assert "session_knn" not in sources


def test_a_damaged_artefact_is_told(
    given: dict[str, Any], model: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / SESSIONS
    shutil.copytree(given["artefacts"].parent / model["artefact_path"], folder)
    (folder / "clicks.npz").chmod(0o644)
    (folder / "clicks.npz").write_bytes(b"")
    with pytest.raises(InputError, match="damaged"):
        read_slot(folder)
    with pytest.raises(NotReadyError, match="train it first"):
        read_slot(tmp_path / "elsewhere")


def test_the_order_of_rows_changes_nothing(
    given: dict[str, Any], model: dict[str, Any], tmp_path: Path
) -> None:
    order = np.random.default_rng(0).permutation(given["interactions"].num_rows)
    shuffled = {
        **given,
        "interactions": given["interactions"].take(order),
        "artefacts": tmp_path / "artefacts",
    }
    assert recommender.session_model(**shuffled).to_pylist() == [model]
    assert recommender.session_items(**shuffled).equals(recommender.session_items(**given))
