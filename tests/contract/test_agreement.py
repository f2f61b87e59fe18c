"""The schema says what the warehouse does: it refuses what is rejected, and takes the rest."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from tests.contract.corpus import CONTENT, LINES, MERELY_TAKEN, counts, write_parquet
from tests.factories import make_event
from tests.warehouse.home import ROOT, Home
from trasos.contract.project import JUDGED
from trasos.contract.schema import SEEN, UNSEEN, event_schema, objections
from trasos.contract.verdicts import judged
from trasos.settings import Settings

Verdicts = list[tuple[int, str, str | None]]


def ignore(what: str) -> None:
    """Nobody is told what is being done."""


def verdicts_of(file: Path, settings: Settings) -> tuple[Verdicts, dict[int, Any]]:
    """Line, verdict and reason of each row, and the rows as the tracker wrote them."""
    with judged(file, "shop", settings, ignore) as judgement:
        rows = judgement.verdicts(f"select line_number, verdict, reject_reason from {JUDGED}")
        return rows, judgement.events({number for number, _, _ in rows})


def disagreements(verdicts: Verdicts, events: dict[int, Any]) -> list[tuple[Any, ...]]:
    return [
        (number, verdict, reason, [str(one) for one in objections(events[number])])
        for number, verdict, reason in verdicts
        if bool(objections(events[number])) != (verdict == "rejected" and reason not in UNSEEN)
    ]


def test_the_schema_is_one_and_so_are_its_examples() -> None:
    Draft202012Validator.check_schema(event_schema())
    for example in event_schema()["examples"]:
        assert objections(example) == []


def described(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field that a schema names, with what it says of it; conditions only match."""
    for name, field in schema.get("properties", {}).items():
        yield name, field
        yield from described(field)
    for part in schema.get("allOf", []):
        yield from described(part["then"])


def test_every_field_is_described() -> None:
    fields = list(described(event_schema()))
    assert len(fields) > 40
    assert [name for name, field in fields if not field.get("description")] == []


def test_the_event_names_are_those_of_the_seed() -> None:
    with (ROOT / "seeds/event_types.csv").open() as file:
        types = list(csv.DictReader(file))

    def canonical(names: list[str]) -> set[str]:
        return {name.lower().replace(" ", "_") for name in names}

    known, with_product, with_order = event_schema()["allOf"]
    assert canonical(known["then"]["properties"]["event"]["enum"]) == {
        row["event_type"] for row in types
    }
    assert canonical(with_product["if"]["properties"]["event"]["enum"]) == {
        row["event_type"] for row in types if row["requires_product"] == "true"
    }
    assert canonical([with_order["if"]["properties"]["event"]["const"]]) == {
        row["event_type"] for row in types if row["requires_order"] == "true"
    }


@dataclass(frozen=True)
class Parts:
    """Verdicts on three lots of lines, each with its own line numbers, and the first lot itself."""

    inbox: Verdicts
    corpus: Verdicts
    merely_taken: Verdicts
    events: dict[int, Any]


@pytest.fixture(scope="module")
def parts(
    inbox_of_a_shop: Home, checking: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Parts:
    """A simulated inbox, with every kind of dirt, and the corpora after it, judged as one file."""
    packed = sorted((inbox_of_a_shop.settings.inbox / "shop/events").rglob("*.gz"))
    inbox = b"".join(gzip.decompress(path.read_bytes()) for path in packed)
    lots = (inbox, CONTENT, b"".join(orjson.dumps(event) + b"\n" for event in MERELY_TAKEN))
    file = tmp_path_factory.mktemp("parts") / "all.jsonl"
    file.write_bytes(b"".join(lots))
    rows, events = verdicts_of(file, checking)
    ends = list(itertools.accumulate(lot.count(b"\n") for lot in lots))
    divided = [
        sorted((row[0] - begin, *row[1:]) for row in rows if begin < row[0] <= end)
        for begin, end in zip([0, *ends], ends, strict=False)
    ]
    return Parts(*divided, events)


def test_a_line_for_each_reason(parts: Parts) -> None:
    """JSON lines hold JSON, so that `unreadable_json` has its own test."""
    assert parts.corpus == [
        (number, {"duplicate": "duplicated"}.get(line.outcome, line.outcome), line.reason or None)
        for number, line in enumerate(LINES, start=1)
        if line.outcome not in ("dead letter", "blank")
    ]
    lines = {number: LINES[number - 1].content for number, _, _ in parts.corpus}
    assert disagreements(parts.corpus, lines) == []
    assert set(counts("rejected")) == {*SEEN, *UNSEEN} - {"unreadable_json"}


def test_the_inbox_of_a_shop(parts: Parts, inbox_of_a_shop: Home) -> None:
    dirt = json.loads((inbox_of_a_shop.settings.truth / "shop/dirt.json").read_text())
    assert Counter(verdict for _, verdict, _ in parts.inbox) == {
        "accepted": dirt["accepted"],
        "duplicated": dirt["duplicates"],
        "rejected": dirt["rejected"],
    }
    assert disagreements(parts.inbox, parts.events) == []


def test_where_the_warehouse_takes_more_than_the_schema_wants(parts: Parts) -> None:
    verdicts = [verdict for _, verdict, _ in parts.merely_taken]
    assert verdicts == ["accepted"] * len(MERELY_TAKEN)
    assert [event for event in MERELY_TAKEN if not objections(event)] == []


def test_json_text_that_is_none(checking: Settings, tmp_path: Path) -> None:
    """Only a Parquet file can bring it: its columns are text."""
    file = tmp_path / "events.parquet"
    write_parquet(file, [make_event(), make_event()], properties=["{cut", '{"product_id": "p1"}'])
    verdicts, events = verdicts_of(file, checking)
    assert sorted(verdicts) == [(1, "rejected", "unreadable_json"), (2, "accepted", None)]
    assert disagreements(verdicts, events) == []
