"""Parquet of any types lands so that it can be read beside JSON lines."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trasos.landing import land
from trasos.landing.schema import EVENTS, PROVENANCE
from trasos.settings import Settings

from .conftest import batches, event, json_lines, landed

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ENVELOPE = [name for name in EVENTS.names if name not in PROVENANCE.names]
COLUMNS: list[pa.Array] = [
    pa.array(["text", None]),
    pa.array([1, None]),
    pa.array([1.5, float("nan")]),
    pa.array([True, None]),
    pa.array([b"\xff\x00", None]),
    pa.array([Decimal("1.10"), None]),
    pa.array([NOON, None], pa.timestamp("us", "UTC")),
    pa.array([NOON.replace(tzinfo=None), None], pa.timestamp("ns")),
    pa.array([{"a": [1, None], "b": {"c": "x"}}, None]),
    pa.array([[1, 2], None]),
    pa.array([[("k", "v")], None], pa.map_(pa.string(), pa.string())),
    pa.array(["a", None]).dictionary_encode(),
    pa.nulls(2),
]


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(ENVELOPE), st.sampled_from(COLUMNS), min_size=1, max_size=6),
    st.sampled_from(["a.parquet", "z.parquet"]),
)
def test_parquet_of_any_types_is_read_beside_json_lines(
    columns: dict[str, pa.Array], name: str
) -> None:
    """Whichever lands first; with a message id every column of the envelope is text."""
    with tempfile.TemporaryDirectory() as folder:
        home = Settings(home=Path(folder))
        inbox = home.inbox / "shop/events"
        inbox.mkdir(parents=True)
        pq.write_table(pa.table(columns), inbox / name)
        (inbox / "m.jsonl").write_bytes(json_lines(event(1), event(2)))
        report = land("shop", home)
        assert (report.refused, report.events) == ([], 4)
        rows = landed(home)
        assert len(rows) == 4
        texts = [row[column] for row in rows for column in ENVELOPE]
        assert all(text is None or type(text) is str for text in texts)
        if "message_id" in columns:
            own = next(path for path in batches(home) if "m.jsonl" not in source_of(path))
            kinds = duckdb.sql(f"from '{own}/events.parquet'")
            types = dict(zip(kinds.columns, kinds.types, strict=True))
            assert {str(types[column]) for column in columns} == {"VARCHAR"}


def source_of(batch: Path) -> str:
    return str(orjson.loads((batch / "manifest.json").read_bytes())["source_file"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pa.array([{"a": 1, "b": [None, "x"]}]), '{"a":1,"b":[null,"x"]}'),
        (pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string())), '{"k":"v"}'),
        (pa.array([[1, 2]]), "[1,2]"),
        (pa.array([NOON], pa.timestamp("us", "UTC")), "2026-06-01 12:00:00+00"),
        (pa.array([7]), "7"),
        (pa.nulls(1), None),
        (pa.array([None], pa.struct([("a", pa.int64())])), None),
    ],
)
def test_what_parquet_says_is_kept_as_text(
    settings: Settings, value: pa.Array, text: str | None
) -> None:
    inbox = settings.inbox / "shop/events"
    inbox.mkdir(parents=True)
    pq.write_table(pa.table({"message_id": ["m"], "properties": value}), inbox / "a.parquet")
    land("shop", settings)
    (row,) = landed(settings)
    assert row["properties"] == text


def test_an_object_that_is_a_map_is_looked_into(settings: Settings) -> None:
    inbox = settings.inbox / "shop/events"
    inbox.mkdir(parents=True)
    context = pa.array([[("ip", "192.0.2.9"), ("page", "/")]], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"id": [1], "context": context}), inbox / "a.parquet")
    land("shop", settings)
    (row,) = landed(settings)
    assert row["context"] == '{"page":"/"}'


def test_a_source_with_columns_of_its_own_keeps_their_types(settings: Settings) -> None:
    inbox = settings.inbox / "shop/events"
    inbox.mkdir(parents=True)
    own: dict[str, Any] = {"id": [1], "user_id": [2], "tags": [[1]], "inner": [{"a": 1}]}
    pq.write_table(pa.table(own), inbox / "a.parquet")
    land("shop", settings)
    (row,) = landed(settings)
    assert [row[name] for name in own] == [1, 2, [1], {"a": 1}]
