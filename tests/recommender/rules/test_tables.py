"""Rules through the functions that dbt's Python models call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.recommender.factory import Shop
from tests.recommender.rules.test_rules import rules_table
from trasos import recommender
from trasos.recommender import person_lists

VARS = {"als_factors": 16, "list_length": 20}
RULES = rules_table(
    {"rule_id": "hero", "action": "pin", "target_value": "p00008", "position": 3},
    {"rule_id": "recall", "target_type": "brand", "target_value": "b4"},
    {"rule_id": "push", "action": "boost", "factor": 4.0, "target_type": "category"}
    | {"target_value": "c1", "slot": "popular", "department": "d2"},
)


@pytest.fixture(scope="module")
def shop(tasteful: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    given = {
        "interactions": tasteful.interactions,
        "products": tasteful.products,
        "params": VARS,
        "artefacts": tmp_path_factory.mktemp("home") / "artefacts",
    }
    champion = recommender.train(**given).select(["model_version"])
    return {**given, "champion": champion}


@pytest.fixture(scope="module")
def persons(tasteful: Shop) -> Any:
    ids = sorted(set(tasteful.interactions["person_id"].to_pylist()))[::5]
    return pa.table({"person_id": [*ids, "a stranger", "another"]})


def test_no_rows_of_rules_are_no_rules(shop: dict[str, Any], persons: Any) -> None:
    none = rules_table()
    lists = recommender.recommendations(**shop, persons=persons)
    assert lists["rule_id"].null_count == lists.num_rows
    assert recommender.recommendations(**shop, persons=persons, rules=none).equals(lists)
    assert recommender.similar_items(**shop, rules=none).equals(recommender.similar_items(**shop))
    assert recommender.popular_items(**shop, rules=none).equals(recommender.popular_items(**shop))


def test_rules_change_lists_and_no_model(shop: dict[str, Any], persons: Any) -> None:
    before = sorted(path.name for path in shop["artefacts"].iterdir())
    plain = recommender.recommendations(**shop, persons=persons)
    ruled = recommender.recommendations(**shop, persons=persons, rules=RULES)
    assert ruled.num_rows == plain.num_rows
    assert set(ruled["model_version"].to_pylist()) == set(plain["model_version"].to_pylist())
    assert sorted(path.name for path in shop["artefacts"].iterdir()) == before
    brands = {code: f"b{code % 7}" for code in range(160)}
    shown = [brands[int(name[1:])] for name in ruled["product_id"].to_pylist()]
    assert "b4" not in shown
    pins = ruled.filter(pc.equal(ruled["source"], "pin"))
    assert set(pins["rank"].to_pylist()) == {3}
    assert set(pins["product_id"].to_pylist()) == {"p00008"}
    assert set(pins["rule_id"].to_pylist()) == {"hero"}
    # Strangers are persons too.
    assert {"a stranger", "another"} <= set(pins["person_id"].to_pylist())


def test_outcomes_add_up_to_the_lists(shop: dict[str, Any], persons: Any) -> None:
    counted = recommender.rule_outcomes(**shop, persons=persons, rules=RULES).to_pylist()
    lists: dict[tuple[str, str], int] = {}
    for row in counted:
        key = row["rule_id"], row["slot"]
        lists[key] = lists.get(key, 0) + row["list_count"]
    wanted = {"for_you": persons.num_rows, "similar": 160, "popular": 5, "session": 160}
    assert lists == {
        **{("hero", slot): count for slot, count in wanted.items()},
        **{("recall", slot): count for slot, count in wanted.items()},
        ("push", "popular"): 1,
    }
    ruled = recommender.recommendations(**shop, persons=persons, rules=RULES)
    (placed,) = [
        row["list_count"]
        for row in counted
        if (row["rule_id"], row["slot"], row["outcome"]) == ("hero", "for_you", "placed")
    ]
    assert placed == pc.sum(pc.equal(ruled["source"], "pin")).as_py()


def test_without_rules_there_is_nothing_to_count_and_nothing_is_made(
    shop: dict[str, Any], persons: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_lists, "recommend", lambda *_: pytest.fail("lists were made"))
    given = {**shop, "artefacts": tmp_path / "nothing"}
    assert recommender.rule_outcomes(**given, persons=persons, rules=rules_table()).num_rows == 0
    assert not (tmp_path / "nothing").exists()
