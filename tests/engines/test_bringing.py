"""Tables that Spark wrote come into DuckDB all together, or none of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trasos.engines.bringing import bring_over
from trasos.errors import InputError


def written(folder: Path, name: str, *parts: list[int]) -> None:
    (folder / name).mkdir(parents=True)
    for number, part in enumerate(parts):
        pq.write_table(pa.table({"n": part}), folder / name / f"part-{number}.parquet")
    (folder / name / "_SUCCESS").touch()


def test_tables_are_replaced_by_what_was_written(tmp_path: Path) -> None:
    warehouse = tmp_path / "new/folder/brought.duckdb"
    written(tmp_path / "one", "a", [1, 2], [3])
    assert bring_over(tmp_path / "one", warehouse, ["a"]) == {"a": 3}
    written(tmp_path / "two", "a", [9])
    written(tmp_path / "two", "b", [4])
    assert bring_over(tmp_path / "two", warehouse, ["a", "b"]) == {"a": 1, "b": 1}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select n from a union all select n from b").fetchall() == [
            (9,),
            (4,),
        ]


def test_one_that_is_missing_or_broken_leaves_all_as_they_were(tmp_path: Path) -> None:
    warehouse = tmp_path / "brought.duckdb"
    written(tmp_path / "one", "a", [1])
    bring_over(tmp_path / "one", warehouse, ["a"])
    written(tmp_path / "two", "a", [2])
    with pytest.raises(InputError, match="lacks b, c: Spark wrote nothing for it"):
        bring_over(tmp_path / "two", warehouse, ["a", "b", "c"])
    (tmp_path / "two/b").mkdir()
    (tmp_path / "two/b/part.parquet").write_bytes(b"no parquet")
    with pytest.raises(duckdb.Error):
        bring_over(tmp_path / "two", warehouse, ["a", "b"])
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select n from a").fetchall() == [(1,)]
