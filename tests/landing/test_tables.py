from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from trasos.landing import land
from trasos.settings import Settings

Drop = Callable[[str, bytes], Path]


def table(settings: Settings, entity: str) -> list[Any]:
    return duckdb.read_parquet(
        str(settings.landing / "shop" / "tables" / f"{entity}.parquet")
    ).fetchall()


def dump(settings: Settings, name: str, query: str) -> Path:
    path = settings.inbox / "shop" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")
    return path


def test_a_parquet_table_is_kept_byte_for_byte(settings: Settings) -> None:
    path = dump(settings, "tables/stock.parquet", "select i as product_id from range(5) t(i)")
    assert land("shop", settings).tables == [("stock", 5)]
    kept = settings.landing / "shop" / "tables" / "stock.parquet"
    assert kept.read_bytes() == path.read_bytes()


def test_csv_lands_as_text_with_its_header(settings: Settings, drop: Drop) -> None:
    drop("tables/people.csv", b'id,name,code\n1,"Miller, Ann",01069\n2,"two\nlines",\n')
    assert land("shop", settings).tables == [("people", 2)]
    assert table(settings, "people") == [("1", "Miller, Ann", "01069"), ("2", "two\nlines", None)]
    drop("names.csv", b"name\nonly text\nin here\n")
    assert land("shop", settings).tables == [("names", 2)]
    assert table(settings, "names") == [("only text",), ("in here",)]


def test_a_new_dump_replaces_the_old_one_and_back(settings: Settings) -> None:
    for number in (1, 2, 1):
        dump(settings, "stock.parquet", f"select {number} as units")
        assert land("shop", settings).tables == [("stock", 1)]
        assert table(settings, "stock") == [(number,)]


def test_the_same_bytes_are_not_copied_again(settings: Settings) -> None:
    path = dump(settings, "stock.parquet", "select 1 as units")
    land("shop", settings)
    path.touch()
    assert land("shop", settings).already == ["stock.parquet"]


def test_a_table_taken_away_from_the_landing_comes_back(settings: Settings) -> None:
    dump(settings, "stock.parquet", "select 1 as units")
    land("shop", settings)
    (settings.landing / "shop" / "tables" / "stock.parquet").unlink()
    assert land("shop", settings).tables == [("stock", 1)]


def test_a_damaged_table_is_refused_and_the_old_one_stays(settings: Settings) -> None:
    path = dump(
        settings, "stock.parquet", "select i as units, 'x' || i as note from range(9000) t(i)"
    )
    land("shop", settings)
    whole = path.read_bytes()
    for spoiled in (whole[:-20], whole[:100] + b"\xff" * 5000 + whole[5100:], b""):
        path.write_bytes(spoiled)
        ((name, why),) = land("shop", settings).refused
        assert name == "stock.parquet"
        assert "not a whole Parquet file" in why
        assert len(table(settings, "stock")) == 9000


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n\xff\xfe,3\n"])
def test_an_unreadable_csv_is_refused(settings: Settings, drop: Drop, content: bytes) -> None:
    drop("people.csv", content)
    report = land("shop", settings)
    assert (report.tables, len(report.refused)) == ([], 1)


def test_two_files_for_one_table_are_both_refused(settings: Settings, drop: Drop) -> None:
    drop("Stock.csv", b"units\n1\n")
    dump(settings, "tables/stock.parquet", "select 1 as units")
    report = land("shop", settings)
    assert [name for name, _ in report.refused] == ["Stock.csv", "tables/stock.parquet"]
    assert not (settings.landing / "shop" / "tables").exists()
