"""Rules from the seed and from an application's table, honoured without training."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.home import ROOT, Home
from tests.warehouse.test_recommender import files

COLUMNS = (ROOT / "seeds/merchandising_rules.csv").read_text().strip().split(",")
LISTS = {
    "for_you": ("rec_recommendations", "product_id"),
    "similar": ("rec_similar_items", "similar_product_id"),
    "popular": ("rec_popular_items", "product_id"),
    "session": ("rec_session_items", "product_id"),
}


@dataclass(frozen=True)
class Ruled:
    """The shop with rules, and the names that they are about."""

    home: Home
    pinned: str
    banned: str
    boosted: str


@pytest.fixture(scope="module")
def ruled(shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Ruled:
    """A copy of the built shop, with rules written in both places, and only these built anew."""
    folder = tmp_path_factory.mktemp("ruled")
    project = folder / "project"
    for part in ("models", "python_models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("dbt_project.yml", "vars.yml", "profiles.yml"):
        shutil.copyfile(ROOT / part, project / part)
    home = Home(folder / "home", project=project)
    for part in ("landing", "warehouse", "artefacts"):
        shutil.copytree(shop.path / part, home.path / part)
    banned = shop.one(
        "select brand from rec_popular_items join dim_products using (product_id) "
        "where segment = 'all' order by rank limit 1"
    )
    pinned, boosted = shop.query(
        "select product_id, category from dim_products where is_on_sale and brand <> ? "
        "and product_id not in (select product_id from rec_popular_items) "
        "order by product_id limit 1",
        [banned],
    )[0]
    sane = {"slot": "all", "created_by": "merchandising", "reason": "a test"}
    ban = {**sane, "action": "ban", "target_type": "brand", "target_value": banned}
    pin = {**sane, "action": "pin", "target_type": "product", "target_value": pinned}
    boost = {**sane, "action": "boost", "target_type": "category", "target_value": boosted}
    with (project / "seeds/merchandising_rules.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(
            [
                {**pin, "rule_id": "hero", "position": "2"},
                {**ban, "rule_id": "recall"},
                {**pin, "rule_id": "over", "position": "1", "valid_to": "2001-01-01"},
                {**ban, "rule_id": "slip", "target_type": "product", "target_value": "no such"},
                {**pin, "rule_id": "rival", "position": "2", "slot": "popular"},
                {**boost, "rule_id": "push", "factor": "1.5"},
                {**pin, "rule_id": "regret", "position": "1"},
            ]
        )
    moment = {"recorded_at": "2026-01-02T09:30:00Z"}
    write(home, "one", {**boost, **moment, "rule_id": "push", "factor": "10", "slot": "similar"})
    write(home, "two", {**moment, "rule_id": "regret", "action": "withdraw"})
    home.dbt(
        "build",
        *("--exclude-resource-types", "unit_test", "--select", "merchandising_rules+"),
        variables="{merchandising_table: true}",
    )
    return Ruled(home, pinned, banned, boosted)


def artefacts(home: Home) -> dict[Path, int]:
    """Every artefact below the home folder with its time of change."""
    return {path.relative_to(home.path): changed for path, changed in files(home).items()}


def write(home: Home, name: str, version: dict[str, Any]) -> None:
    """Append a version as an application does: a file of its own, named when it is whole."""
    folder = home.path / "landing/merchandising/rules"
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    pq.write_table(pa.Table.from_pylist([version], schema=schema), folder / f".{name}")
    (folder / f".{name}").rename(folder / f"{name}.parquet")


def test_an_empty_seed_leaves_no_trace_in_the_lists(shop: Home) -> None:
    for table, _ in LISTS.values():
        assert shop.one(f"select count(*) from {table}") > 0
        assert shop.one(f"select count(rule_id) from {table}") == 0
    assert shop.one("select count(*) from rec_rule_effects") == 0


def test_rules_are_honoured_by_the_same_model(shop: Home, ruled: Ruled) -> None:
    for slot, (table, product) in LISTS.items():
        versions = f"select distinct model_version from {table}"
        assert ruled.home.query(versions) == shop.query(versions)
        banned = (
            f"select count(*) from {table} as lists join dim_products as products "
            f"on lists.{product} = products.product_id where brand = ?"
        )
        assert ruled.home.one(banned, [ruled.banned]) == 0 < shop.one(banned, [ruled.banned])
        at_its_place = (
            f"select count(*) from {table} where rank = 2 and {product} = ? and rule_id = 'hero' "
            "and candidate_source = 'pin'"
        )
        placed = "select list_count from rec_rule_effects where rule_id = 'hero' and slot = ? and "
        honoured = ruled.home.one(at_its_place, [ruled.pinned])
        assert honoured == ruled.home.one(placed + "outcome = 'placed'", [slot]) > 0
        lists = ruled.home.one(f"select count(*) from {table} where rank = 1")
        of_rule = "select sum(list_count) from rec_rule_effects where rule_id = ? and slot = ?"
        assert ruled.home.one(of_rule, ["hero", slot]) == lists
        assert ruled.home.one(of_rule, ["recall", slot]) == lists
    assert artefacts(ruled.home) == artefacts(shop)


def test_a_boost_lifts_its_category_in_its_slot_alone(shop: Home, ruled: Ruled) -> None:
    shown = (
        "select count(*) from rec_similar_items as lists join dim_products as products "
        "on similar_product_id = products.product_id where category = ?"
    )
    assert ruled.home.one(shown, [ruled.boosted]) > shop.one(shown, [ruled.boosted])
    assert ruled.home.query(
        "select distinct slot from rec_rule_effects where rule_id = 'push'"
    ) == [("similar",)]
    assert ruled.home.one(
        "select product_count from rec_rule_effects where rule_id = 'push' and outcome = 'moved'"
    )


def test_each_version_that_was_written_is_judged_with_its_reason(ruled: Ruled) -> None:
    rows = ruled.home.query(
        "select rule_id, origin, verdict, reject_reason, is_in_force from dim_merchandising_rules "
        "order by rule_id, origin"
    )
    assert rows == [
        ("hero", "seed", "accepted", None, True),
        ("over", "seed", "accepted", None, False),
        ("push", "seed", "superseded", None, False),
        ("push", "table", "accepted", None, True),
        ("recall", "seed", "accepted", None, True),
        ("regret", "seed", "superseded", None, False),
        ("regret", "table", "withdrawn", None, False),
        ("rival", "seed", "rejected", "place_taken", False),
        ("slip", "seed", "rejected", "unknown_product", False),
    ]
    assert {row[0] for row in ruled.home.query("select rule_id from rec_rule_effects")} == {
        "hero",
        "push",
        "recall",
    }
