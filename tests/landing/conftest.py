"""An inbox to drop files into, and eyes for what was landed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
import zstandard

from trasos.settings import Settings

Rows = list[dict[str, Any]]


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One sound event; ``changes`` replace keys, and None of them is needed."""
    return {
        "messageId": f"m{number}",
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": "a1",
        "userId": None,
        "originalTimestamp": "2025-01-01T10:00:00.000Z",
        "sentAt": "2025-01-01T10:00:00.500Z",
        "receivedAt": "2025-01-01T10:00:01.000Z",
        "properties": {"product_id": "p1", "price": 19.9},
        "context": {"page": {"path": "/p/p1"}, "ip": "192.0.2.1"},
        **changes,
    }


def json_lines(*records: Any) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def packed(content: bytes, suffix: str) -> bytes:
    if suffix.endswith(".gz"):
        return gzip.compress(content)
    if suffix.endswith(".zst"):
        return zstandard.compress(content)
    return content


def landed(settings: Settings, source: str = "shop", what: str = "events") -> Rows:
    """Every landed row, in the order of file and line."""
    pattern = settings.landing / source / "events" / "*" / "*" / f"{what}.parquet"
    order = "_source_file, _line_number" if what == "events" else "source_file, line_number"
    found = duckdb.execute(f"from read_parquet('{pattern}', union_by_name = true) order by {order}")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def batches(settings: Settings, source: str = "shop") -> list[Path]:
    return sorted((settings.landing / source / "events").glob("load_date=*/*"))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of the environment, whatever the machine has."""
    secret = "a key that only tests know"
    monkeypatch.setenv("TRASOS_PSEUDONYM_KEY", secret)
    return secret


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def drop(settings: Settings) -> Callable[[str, bytes], Path]:
    """Put a file into the inbox of the source ``shop``."""

    def put(name: str, content: bytes) -> Path:
        path = settings.inbox / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return put
