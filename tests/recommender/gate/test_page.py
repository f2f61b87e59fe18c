"""The page that says what a model has to keep, held to the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import yaml

from trasos.recommender.gate.bounds import GateBounds
from trasos.recommender.gate.criterion import COMPARISON, INVARIANT, RULES
from trasos.recommender.gate.invariants import BROKEN
from trasos.recommender.gate.leakage import LEAKAGE

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/decisions/gate.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    section = PAGE[PAGE.index(f"## {heading}") :].split("\n## ")[0]
    lines = re.findall(r"^\| (`.*) \|$", section, flags=re.MULTILINE)
    return [line.replace("`", "").split(" | ") for line in lines]


def test_the_page_lists_each_criterion_with_its_bound() -> None:
    for heading, kind in (
        ("What no model may break", INVARIANT),
        ("What it has to keep beside the champion", COMPARISON),
    ):
        assert rows(heading) == [
            [rule.name, rule.measures, rule.bound(GateBounds())]
            for rule in RULES.values()
            if rule.kind == kind
        ]


def test_the_page_gives_each_number_with_unit_and_reason() -> None:
    assert rows("The numbers") == [
        [each.name, f"{each.default:g}", each.metadata["unit"], each.metadata["reason"]]
        for each in fields(GateBounds)
    ]


def test_every_criterion_is_judged_by_something() -> None:
    invariant = {name for name, rule in RULES.items() if rule.kind == INVARIANT}
    assert invariant == {*BROKEN, *LEAKAGE, "several_brands", "model_age"}


def test_the_vars_are_the_bounds_of_the_code() -> None:
    given = yaml.safe_load((ROOT / "vars.yml").read_text())["vars"]
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    handed_on = project["models"]["trasos"]["recommender"]["+meta"]["bounds"]
    for name, words in handed_on.items():
        assert words == f"{{{{ var('gate_{name}') }}}}"
        assert given[f"gate_{name}"] == getattr(GateBounds(), name), name
    assert {f"gate_{name}" for name in handed_on} == {
        name for name in given if name.startswith("gate_")
    }
