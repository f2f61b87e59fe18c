from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from trasos.errors import InputError, NotReadyError
from trasos.publishing import published_tables


def node(alias: str, kind: str = "model", **meta: Any) -> dict[str, Any]:
    return {"resource_type": kind, "name": f"{alias}_v1", "alias": alias, "config": {"meta": meta}}


def write(path: Path, *nodes: dict[str, Any]) -> Path:
    path.write_bytes(orjson.dumps({"nodes": {str(n): each for n, each in enumerate(nodes)}}))
    return path


def test_models_marked_as_published_by_the_name_of_their_table(tmp_path: Path) -> None:
    path = write(
        tmp_path / "manifest.json",
        node("fct_order", published=True),
        node("dim_customer", published=True, owner="data"),
        node("int_events", published=False),
        node("stg_orders"),
        node("assert_something", kind="test", published=True),
    )
    assert published_tables(path) == ["dim_customer", "fct_order"]


def test_nothing_marked_is_told_with_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path / "manifest.json", node("stg_orders"))
    with pytest.raises(NotReadyError, match=r"config: \{meta: \{published: true\}\}"):
        published_tables(path)


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="dbt build"):
        published_tables(tmp_path / "manifest.json")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"nodes": {"a": 1}}', b"\xff"])
def test_a_file_that_is_no_manifest_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no manifest of dbt"):
        published_tables(path)
