"""The proof finds what is planted, in each kind of file, and nothing that only looks like it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import zstandard

from tests.erasure.conftest import ANNA, BERT, OWN, erase_of
from trasos.erasure.patterns import whole
from trasos.erasure.search import Layer, Sought, files_below, search
from trasos.errors import InputError, NotReadyError
from trasos.landing.tombstones import Tombstones
from trasos.settings import Settings

NOBODY = Tombstones()


def look(folder: Path, *ids: str, stones: Tombstones = NOBODY) -> Layer:
    sought = Sought(frozenset(ids), stones)
    (layer,) = search([("all", files_below(folder))], folder, sought, lambda what: None)
    return layer


def to_parquet(sql: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        duckdb.execute(f"copy ({sql}) to '{folder}/file.parquet'")

    return write


def to_db(sql: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with duckdb.connect(str(folder / "file.duckdb")) as connection:
            connection.execute(sql)

    return write


def to_file(name: str, pack: Callable[[bytes], bytes], text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(pack(text.encode()))

    return write


PLANTS: list[tuple[str, Callable[[str], Callable[[Path], None]]]] = [
    ("text of Parquet", lambda id: to_parquet(f"select 'x' as a, '{id}' as b")),
    ("JSON in Parquet", lambda id: to_parquet(f"""select '{{"by":"{id}"}}' as properties""")),
    ("struct of Parquet", lambda id: to_parquet(f"select {{'a': {{'b': '{id}'}}}} as s")),
    ("list of Parquet", lambda id: to_parquet(f"select ['x', '{id}'] as l")),
    ("person of Parquet", lambda id: to_parquet(f"select 'customer:{id}' as person_id")),
    ("enum of DuckDB", lambda id: to_db(f"create table t as select '{id}'::enum('{id}') e")),
    ("schema of DuckDB", lambda id: to_db(f"create schema s; create table s.t as select '{id}' a")),
    ("JSON", lambda id: to_file("a.json", bytes, f'{{"id":"{id}"}}')),
    ("gzip", lambda id: to_file("a.log.gz", gzip.compress, f"at last {id}")),
    ("zstd", lambda id: to_file("a.zst", zstandard.compress, f"{id} first")),
    ("between blocks", lambda id: to_file("a.log", bytes, "." * ((1 << 20) - 3) + id + "." * 5000)),
    ("far in", lambda id: to_file("a.log", bytes, ". " * (1 << 20) + id + " ." * 2000)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "plant"), PLANTS, ids=[kind for kind, _ in PLANTS])
def test_a_planted_id_is_found_and_a_longer_one_is_not(
    tmp_path: Path, kind: str, plant: Callable[[str], Callable[[Path], None]]
) -> None:
    for name, planted, hits in (("hers", ANNA, 1), ("his", BERT, 0), ("joined", f"x-{ANNA}", 0)):
        folder = tmp_path / name
        folder.mkdir()
        plant(planted)(folder)
        found = look(folder, ANNA, OWN)
        assert (found.files, found.hits > 0) == (1, bool(hits)), (kind, name, found.where)
    assert look(tmp_path / "hers", ANNA).where


@pytest.mark.parametrize("way", ["drop table t", "delete from t where length(a) = 36"])
def test_what_a_deleted_row_left_in_a_duckdb_file_is_found(tmp_path: Path, way: str) -> None:
    """The reason why a fresh warehouse is built: DuckDB frees blocks and leaves their bytes."""
    long_id = "3f6c1e0a-77aa-4d1f-9f5e-0c5b8e1d2a34"
    hashes = "select md5(i::varchar) as a from range({}) as r(i)"
    for sql in (
        f"create table t as select '{long_id}' as a union all {hashes.format(1000)}",
        f"create table later as {hashes.format(50_000)}",
        way,
    ):
        with duckdb.connect(str(tmp_path / "file.duckdb")) as connection:
            connection.execute(sql)
            connection.execute("checkpoint")
    found = look(tmp_path, long_id)
    assert found.hits and found.where == ["file.duckdb raw bytes"]


def test_many_hits_are_counted_each(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"{ANNA} {ANNA},{OWN};{BERT}\n" * 100_000)
    assert look(tmp_path, ANNA, OWN).hits == 300_000


def test_a_number_is_looked_for_where_persons_are_named(tmp_path: Path) -> None:
    to_parquet("select 77 as user_id, 770 as b")(tmp_path)
    assert look(tmp_path, "77").hits == 1
    to_parquet("select 770 as user_id, '77' as quantity, 77 as price")(tmp_path)
    (tmp_path / "a.log").write_text("77 rows")
    assert look(tmp_path, "77").hits == 0


def test_devices_known_by_their_hash_alone_are_found(settings: Settings, tmp_path: Path) -> None:
    stones = erase_of(settings)
    folder = tmp_path / "kept"
    folder.mkdir()
    to_parquet(f"select 'visitor:{OWN}' as person_id, '{OWN}' as anonymous_id")(folder)
    assert look(folder, ANNA, stones=stones).hits == 2
    to_parquet(f"select 'visitor:{OWN}2' as person_id, '{OWN}' as product_id")(folder)
    assert look(folder, ANNA, stones=stones).hits == 0


def test_what_cannot_be_searched_is_no_proof(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="cannot be searched"):
        look(tmp_path, ANNA)
    (tmp_path / "a.parquet").unlink()
    (tmp_path / "a.duckdb").write_bytes(b"x" * 8 + b"DUCK" + b"x" * 100)
    with pytest.raises(NotReadyError, match="cannot be searched"):
        look(tmp_path, ANNA)


@pytest.mark.parametrize("odd", ["a.b", "a b", "auth0|7f", "x+y@z", "ä'ö", "$1^", "(a)[b]"])
def test_odd_ids(tmp_path: Path, odd: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select ? as a", [f"<{odd}>"])
        found = connection.execute(
            "select count(*) from t where regexp_matches(a, ?)", [whole([odd])]
        ).fetchone()
        connection.execute(f"copy t to '{tmp_path}/file.parquet'")
    assert found == (1,)
    (tmp_path / "a.log").write_text(f"<{odd}>")
    (tmp_path / "b.log").write_text(f"<{odd}x> <{odd.replace('.', 'c')}x>")
    assert look(tmp_path, odd).hits == 2
