from __future__ import annotations

from pathlib import Path

import pytest

from trasos.landing.discovery import scan


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("events/a.jsonl", "event"),
        ("events/2025/01/a.json.gz", "event"),
        ("web/events/a.NDJSON.ZST", "event"),
        ("events/a.parquet", "event"),
        ("events.parquet", "event"),
        ("events.jsonl.gz", "event"),
        ("users.parquet", "table users"),
        ("tables/orders.csv", "table orders"),
        ("tables/2025/orders.v2.parquet", "table orders.v2"),
        ("events.csv", "ignored"),
        ("events/notes.txt", "ignored"),
        ("events/_temporary/a.jsonl", "ignored"),
        ("events/.a.jsonl.part", "ignored"),
        ("events/.a.jsonl", "ignored"),
        ("1000row_samples/events.csv", "ignored"),
        ("1000row_samples/events.parquet", "ignored"),
        ("aggregates/users.csv", "ignored"),
        ("images/p1.png", "ignored"),
        ("SOURCE.md", "ignored"),
        ("done.json", "ignored"),
    ],
)
def test_what_a_file_is_taken_for(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    found = scan(tmp_path)
    got = [("event", file.name) for file in found.events]
    got += [(f"table {file.entity}", file.name) for file in found.tables]
    got += [("ignored", ignored) for ignored, reason in found.ignored if reason]
    assert got == [(kind, name)]


def test_a_name_that_is_not_utf8_is_kept_readable(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    try:
        (tmp_path / "events" / "caf\udce9.jsonl").touch()
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    assert [file.name for file in scan(tmp_path).events] == [r"events/caf\xe9.jsonl"]
