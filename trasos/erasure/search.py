"""The proof: looking for a person in everything that Trasos keeps."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb

from trasos.erasure.patterns import anywhere, is_telling, whole
from trasos.errors import InputError, NotReadyError
from trasos.landing.burial import CUSTOMER_COLUMNS, DEVICE_COLUMNS, plain
from trasos.landing.columns import identifier, literal
from trasos.landing.reading import blocks
from trasos.landing.tombstones import Tombstones

#: Columns that name persons; an id that is a mere number is looked for in these alone.
PERSON_COLUMNS = CUSTOMER_COLUMNS | DEVICE_COLUMNS | {"personid"}
#: Examples that are kept of each layer.
EXAMPLES = 5

_OVERLAP = 1024
_NO_TEXT = re.compile(
    r"(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN|DATE|TIME.*|INTERVAL)"
)


@dataclass(frozen=True)
class Sought:
    """By what a person is looked for.

    Attributes:
        ids: ids and hashes of e-mail addresses, as whole tokens.
        tombstones: know devices whose id nobody has in the clear any more; asked for whole values
            of columns that name persons.
    """

    ids: frozenset[str]
    tombstones: Tombstones

    @cached_property
    def telling(self) -> frozenset[str]:
        """Ids that can be told from numbers anywhere."""
        return frozenset(filter(is_telling, self.ids))

    def knows(self, value: str) -> bool:
        """Whether a value of a column that names persons is an erased one's, by its hash."""
        bare = value.removeprefix("customer:").removeprefix("visitor:")
        return self.tombstones.customer(bare) or self.tombstones.device(bare)


@dataclass
class Layer:
    """What was searched of one layer.

    Attributes:
        name: its name.
        files: files searched.
        size: bytes of them.
        hits: values (of tables) and places (of other files) that hold the person.
        where: the first of them, as file, table and column.
    """

    name: str
    files: int = 0
    size: int = 0
    hits: int = 0
    where: list[str] = field(default_factory=list)

    def add(self, place: str, hits: int) -> None:
        """Note hits at a place."""
        self.hits += hits
        if hits and len(self.where) < EXAMPLES:
            self.where.append(place)


def search(
    layers: Iterable[tuple[str, Iterable[Path]]],
    home: Path,
    sought: Sought,
    tell: Callable[[str], None],
) -> list[Layer]:
    """Look for a person in files.

    Parquet files and DuckDB files are searched value by value, DuckDB files byte by byte as well:
    deleted rows may still lie in them. Other files are searched byte by byte, ``.gz`` and ``.zst``
    unpacked.

    Args:
        layers: name and files of each.
        home: paths are told relative to it.
        sought: whom to look for.
        tell: called with what is being done.

    Raises:
        NotReadyError: a DuckDB file is in use.
        InputError: a file cannot be read, so that nothing can be said of it.
    """
    found = []
    for name, paths in layers:
        layer = Layer(name)
        for path in paths:
            tell(f"searching {path.name}")
            shown = str(path.relative_to(home) if path.is_relative_to(home) else path)
            layer.files += 1
            layer.size += path.stat().st_size
            for place, hits in _places(path, sought):
                layer.add(f"{shown} {place}".strip(), hits)
        found.append(layer)
    return found


def files_below(*folders: Path) -> list[Path]:
    """All files below some folders, each once; links are not followed."""
    found = {
        path.resolve(): path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    return sorted(found)


def holding(paths: Iterable[Path], sought: Sought) -> list[Path]:
    """The files that hold the person."""
    return [path for path in paths if any(hits for _, hits in _places(path, sought))]


def _places(path: Path, sought: Sought) -> Iterator[tuple[str, int]]:
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"PAR1":
        with duckdb.connect() as connection:
            relation = f"read_parquet({literal(glob.escape(str(path)))}, hive_partitioning = false)"
            try:
                for column, whole_hits, _ in _columns(connection, relation, sought):
                    yield f"column {column}", whole_hits
            except duckdb.Error as error:
                raise InputError(f"{path} cannot be searched: {error}") from error
    elif head[8:12] == b"DUCK":
        yield from _database(path, sought)
    else:
        yield "", _raw(path, sought.telling)[0]


def _database(path: Path, sought: Sought) -> Iterator[tuple[str, int]]:
    inside = 0
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {literal(str(path))} as searched (read_only)")
        except duckdb.Error as error:
            raise NotReadyError(
                f"{path} cannot be searched: it is in use by a build, or damaged. Call "
                f"`trasos forget --verify` when the build has ended. DuckDB says: {error}"
            ) from error
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'searched' order by all"
        ).fetchall()
        for schema, table in tables:
            relation = f"searched.{identifier(schema)}.{identifier(table)}"
            for column, whole_hits, part_hits in _columns(connection, relation, sought):
                inside += part_hits
                yield f"{table}.{column}", whole_hits
    tokens, parts = _raw(path, sought.telling)
    # Texts lie side by side in such a file, without a mark between them. Where no value holds an
    # id even in part, each place with its bytes is what a deleted row has left.
    yield "raw bytes", tokens if inside else parts


def _columns(
    connection: duckdb.DuckDBPyConnection, relation: str, sought: Sought
) -> Iterator[tuple[str, int, int]]:
    """Each column with the count of its values that are hits, and that hold an id in part."""
    shape = connection.execute(f"describe select * from {relation}").fetchall()
    asked = []
    for name, kind, *_ in shape:
        is_person = plain(name) in PERSON_COLUMNS
        if is_person or not _NO_TEXT.fullmatch(kind):
            ids = sought.ids if is_person else sought.telling
            asked.append((name, ids))
    sums = []
    for name, ids in asked:
        text = f"cast({identifier(name)} as varchar)"
        for pattern in (whole(ids), anywhere(ids)) if ids else ():
            sums.append(f"count(*) filter (where regexp_matches({text}, {literal(pattern)}))")
    counts = iter(())
    if sums:
        row = connection.execute(f"select {', '.join(sums)} from {relation}").fetchone()
        assert row is not None  # an aggregate always answers
        counts = iter(row)
    for name, ids in asked:
        hits, parts = (next(counts), next(counts)) if ids else (0, 0)
        if not hits and plain(name) in PERSON_COLUMNS:
            hits = _hashed(connection, relation, name, sought)
        yield name, hits, parts


def _hashed(connection: duckdb.DuckDBPyConnection, relation: str, name: str, sought: Sought) -> int:
    """How many different values of a column are erased persons' by their hash."""
    if not sought.tombstones:
        return 0
    column = identifier(name)
    rows = connection.execute(
        f"select distinct cast({column} as varchar) from {relation} where {column} is not null"
    ).fetchall()
    return sum(sought.knows(value) for (value,) in rows)


def _raw(path: Path, ids: frozenset[str]) -> tuple[int, int]:
    """Count places in a file's bytes: of whole tokens, and of ids even within longer words."""
    if not ids:
        return 0, 0
    # Looked around, so that two ids with one separator between them are both found.
    token = re.compile(rb"(?<![A-Za-z0-9_-])(?:" + anywhere(ids).encode() + rb")(?![A-Za-z0-9_-])")
    part = re.compile(anywhere(ids).encode())
    tokens = parts = 0
    rest, context = b"", 0
    for block in _then_end(blocks(path, lambda done: None)):
        text = rest + (block or b"")
        # What begins near the end may go on in the next block and is counted with it.
        limit = len(text) if block is None else max(len(text) - _OVERLAP, context)
        tokens += sum(context <= match.start() < limit for match in token.finditer(text))
        parts += sum(context <= match.start() < limit for match in part.finditer(text))
        # One byte more, since a token begins after something.
        context = min(limit, 1)
        rest = text[limit - context :]
    return tokens, parts


def _then_end(content: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from content
    yield None
