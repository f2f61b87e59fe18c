"""`trasos check`: what it says of a file, and what it leaves behind."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
import zstandard
from typer.testing import CliRunner

from tests.contract.corpus import CONTENT, LINES, counts, write_parquet
from tests.factories import NOON, iso, make_event
from trasos.cli import app
from trasos.files import exclusive
from trasos.settings import Settings


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def said(result: Any) -> str:
    """What stands on both outputs, on one line."""
    return " ".join(result.output.split())


def test_a_file_with_every_fault(checking: Settings, tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl.zst"
    file.write_bytes(zstandard.compress(CONTENT))
    result = call(file, "--json")
    assert result.exit_code == 1, result.output
    report = orjson.loads(result.stdout)
    found = {
        kind: {one["reason"]: one["count"] for one in report["outcomes"] if one["outcome"] == kind}
        for kind in ("duplicate", "rejected", "dead letter")
    }
    assert report["lines"] == len(LINES)
    assert report["blank"] == counts("blank").total()
    assert report["accepted"] == counts("accepted").total()
    assert found["duplicate"] == counts("duplicate")
    assert found["rejected"] == counts("rejected")
    dead = {reason.partition(",")[0]: count for reason, count in found["dead letter"].items()}
    assert dead == counts("dead letter")
    assert report["refused"] == (counts("rejected") + counts("dead letter")).total()

    for outcome in report["outcomes"]:
        # Up to three examples, each a line that was to end so, each with a sentence of its own.
        assert len(outcome["examples"]) == min(outcome["count"], 3)
        for example in outcome["examples"]:
            line = LINES[example["line"] - 1]
            assert line.outcome == outcome["outcome"]
            assert outcome["reason"].startswith(line.reason)
            assert bool(example["says"]) == (line.outcome != "dead letter")
    sentences = {
        (one["reason"], sentence)
        for one in report["outcomes"]
        for example in one["examples"]
        for sentence in example["says"]
    }
    assert ("", "has the messageId of line 1") in sentences
    assert (
        "negative_quantity",
        '$.properties.quantity is "-1". Wanted: Units, a whole number from 0 to 2147483647, or '
        "text that holds its digits.",
    ) in sentences
    assert [s for reason, s in sentences if reason == "time_in_future" and "receivedAt" in s]


def test_nothing_is_left_behind_but_dbts_parse(checking: Settings, tmp_path: Path) -> None:
    """Whatever a check that was killed left, this one does not count."""
    home = checking.home / "build" / "check"
    (home / "landing/shop/events/load_date=2026-01-01/old").mkdir(parents=True)
    (home / "warehouse").mkdir(exist_ok=True)
    (home / "warehouse/trasos.duckdb").write_bytes(b"half a file")
    first = make_event()
    copy = first | {"receivedAt": iso(NOON + timedelta(hours=1))}
    file = tmp_path / "EVENTS.PARQUET"
    write_parquet(file, [copy, first, make_event()])
    result = call(file)
    assert result.exit_code == 0, result.output
    assert "EVENTS.PARQUET as events of shop" in said(result)
    assert "accepted 2 duplicate 1" in said(result)
    assert "1 duplicate has the messageId of line 2" in said(result)
    assert "Every line would be accepted, but for copies of others." in said(result)
    assert {path.name for path in home.iterdir()} <= {".lock", "target", "logs"}
    assert [path.name for path in checking.home.iterdir()] == ["build"]


def test_a_parquet_file_without_the_columns(checking: Settings, tmp_path: Path) -> None:
    file = tmp_path / "events.parquet"
    write_parquet(file, [make_event()])
    pq.write_table(pq.read_table(file).drop_columns(["context"]), file)
    result = call(file)
    assert result.exit_code == 1
    assert "shop.events lacks the column context" in said(result)
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("a.jsonl", b"", 0, "The file holds no event."),
        ("a.jsonl", b"\n \n", 0, "blank, passed over 2"),
        ("a.jsonl.gz", b"", 1, "a.jsonl.gz would be refused: cut short"),
        ("a.jsonl.gz", gzip.compress(CONTENT)[:-100], 1, "would be refused: cut short"),
        ("a.jsonl.zst", b"no zstd at all", 1, "would be refused: damaged"),
        ("a.parquet", b"PAR1", 1, "would be refused: not a whole Parquet file"),
        ("a.json", b"[1]\n", 1, "1 of 1 lines would not be accepted."),
        ("a.csv", b"a,b\n", 1, "has no ending of an event file. Landing takes .json,"),
    ],
)
def test_what_needs_no_model(
    checking: Settings, tmp_path: Path, name: str, content: bytes, code: int, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    result = call(file)
    assert (result.exit_code, words in said(result)) == (code, True), result.output


def test_a_file_that_is_not_there(checking: Settings, tmp_path: Path) -> None:
    result = call(tmp_path / "none.jsonl")
    assert result.exit_code == 1
    assert f"There is no file {tmp_path}/none.jsonl." in said(result)


def test_no_project(checking: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(CONTENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRASOS_PROJECT", str(tmp_path))
    assert "which holds no dbt_project.yml of Trasos" in said(call(file))
    monkeypatch.delenv("TRASOS_PROJECT")
    (tmp_path / "dbt_project.yml").write_text("name: another\n")
    result = call(file)
    assert result.exit_code == 1
    assert "Call this within the repository, or set TRASOS_PROJECT to its root." in said(result)


def test_one_check_at_a_time(checking: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(CONTENT)
    with exclusive(checking.home / "build/check/.lock", "checking"):
        result = call(file)
    assert result.exit_code == 1
    assert "Another process is checking a file" in said(result)
