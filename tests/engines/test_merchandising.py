"""Merchandisers' rules, as people type them, are judged alike by both engines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
import yaml

from tests.engines.conftest import Engine
from tests.engines.macros import ROOT, Macros, Relation

MODEL = ROOT / "models/marts/merchandising/dim_merchandising_rules.sql"
UNIT_TESTS = yaml.safe_load(MODEL.with_suffix(".yml").read_text())["unit_tests"]
TYPED = ("origin", *(ROOT / "seeds/merchandising_rules.csv").read_text().strip().split(","))


def texts(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Any:
    schema = pa.schema([(column, pa.string()) for column in columns])
    return pa.Table.from_pylist(rows, schema=schema)


@pytest.mark.slow
@pytest.mark.parametrize("case", UNIT_TESTS, ids=lambda case: case["name"])
def test_rules_are_judged_as_the_unit_tests_say(engine: Engine, case: dict[str, Any]) -> None:
    given = {each["input"].split("'")[1]: each["rows"] for each in case["given"]}
    ended = [dt.datetime.fromisoformat(str(row["ended_at"])) for row in given["fct_sessions"]]
    engine.give("fct_sessions", pa.table({"ended_at": pa.array(ended, pa.timestamp("us"))}))
    columns = ("product_id", "brand", "category", "department")
    engine.give("dim_products", texts(given["dim_products"], columns))
    typed = given["int_merchandising_rules_unioned"]
    engine.give("int_merchandising_rules_unioned", texts(typed, TYPED))
    wanted = case["expect"]["rows"]
    sql = Macros(engine.name, ref=Relation).render(MODEL.read_text())
    found = engine.ask(f"select {', '.join(wanted[0])} from ({sql}) as judged")
    assert sorted(found, key=repr) == sorted((tuple(row.values()) for row in wanted), key=repr)
