"""Taking a person out of ``landing/``: batches of events, dead letters, the shop's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trasos.erasure.patterns import is_telling, whole
from trasos.erasure.person import Person
from trasos.files import write_json
from trasos.landing.burial import (
    CUSTOMER_COLUMNS,
    Doomed,
    bury,
    erase_from_table,
    plain,
    recount,
    without_persons,
)
from trasos.landing.ledger import read_folder
from trasos.landing.tombstones import ERASED, Tombstone, Tombstones

#: Lines by batch: where raw rows lie.
Lines = dict[str, set[int]]


@dataclass
class Landed:
    """What erasure takes, or would take, out of landing.

    Attributes:
        events: raw rows.
        tables: rows of the shop's tables that go or lose an id, by table.
    """

    events: int = 0
    tables: dict[str, int] = field(default_factory=dict)


def lines_of(warehouse: duckdb.DuckDBPyConnection, source: str) -> Lines:
    """Where the raw rows of erased persons lie, as the warehouse knows it.

    The warehouse knows each row's true time and, whatever its tracker calls them, its customer and
    its device.

    Args:
        warehouse: with ``know_erased``.
        source: name of the source.
    """
    lines: Lines = defaultdict(set)
    for batch, line in warehouse.execute(
        f"""
        select batch_id, line_number from warehouse.main.int_events_validated as asked
        where source = ? and {ERASED_EVENT}
        """,
        [source],
    ).fetchall():
        lines[batch].add(line)
    return lines


def know_erased(warehouse: duckdb.DuckDBPyConnection, tombstones: Tombstones) -> None:
    """Make temporary tables of the erased ids that the warehouse holds, for the conditions below.

    They are hashed here, so that no key stands in a query.
    """
    ids = {
        column: [
            value
            for (value,) in warehouse.execute(
                f"select distinct {column} from warehouse.main.int_events_validated "
                f"where {column} is not null"
            ).fetchall()
        ]
        for column in ("customer_id", "visitor_id")
    }
    spans = [(one, span) for one in ids["visitor_id"] for span in tombstones.spans(one)]
    text, moment = pa.string(), pa.timestamp("us")
    customers = pa.table(
        {"customer_id": pa.array(filter(tombstones.customer, ids["customer_id"]), text)}
    )
    devices = pa.table({"visitor_id": pa.array(filter(tombstones.device, ids["visitor_id"]), text)})
    times = pa.table(
        {
            "visitor_id": pa.array([one for one, _ in spans], text),
            "valid_from": pa.array([span.valid_from for _, span in spans], moment),
            "valid_to": pa.array([span.valid_to for _, span in spans], moment),
        }
    )
    for name, table in (
        ("erased_customers", customers),
        ("erased_devices", devices),
        ("erased_spans", times),
    ):
        warehouse.register("found", table)
        warehouse.execute(f"create or replace temp table {name} as from found")
        warehouse.unregister("found")


_ON_DEVICE = "coalesce(asked.visitor_id in (select visitor_id from erased_devices), false)"
_IN_SPAN = """exists (
    select 1 from erased_spans as spans
    where spans.visitor_id = asked.visitor_id and asked.{0} >= spans.valid_from
    and asked.{0} < spans.valid_to
)"""
#: Whether a row ``asked`` of int_events_validated is an erased person's.
ERASED_EVENT = f"""(
    coalesce(asked.customer_id in (select customer_id from erased_customers), false)
    or {_ON_DEVICE}
    or (asked.customer_id is null and {_IN_SPAN.format("event_at")})
)"""
#: Whether a row ``asked`` of int_sessions_retired is.
ERASED_SESSION = f"({_ON_DEVICE} or {_IN_SPAN.format('started_at')})"


def batches(landing: Path, source: str) -> Iterator[Path]:
    """The folders of a source's landed batches."""
    for events in sorted((landing / source / "events").glob("*/*/events.parquet")):
        yield events.parent


def doomed(lines: Lines, person: Person) -> Doomed:
    """Rows that go: those of ``lines``, and what names the person and no other customer."""
    ids = [one for one in person.ids if is_telling(one)]
    pattern = whole(ids) if ids else None

    def mask(table: pa.Table) -> pa.BooleanArray:
        places = zip(
            table.column("_batch_id").to_pylist(),
            table.column("_line_number").to_pylist(),
            strict=True,
        )
        rows = pa.array([line in lines.get(batch, ()) for batch, line in places], pa.bool_())
        if pattern is None:
            return rows
        named = pa.array([False] * table.num_rows, pa.bool_())
        others = named
        for name in table.column_names:
            column = table.column(name).combine_chunks()
            if not pa.types.is_string(column.type):
                continue
            named = pc.or_(named, pc.fill_null(pc.match_substring_regex(column, pattern), False))
            if plain(name) in CUSTOMER_COLUMNS:
                other = pc.not_equal(column, pa.scalar(person.customer_id))
                others = pc.or_(others, pc.fill_null(other, False))
        return pc.or_(rows, pc.and_(named, pc.invert(others)))

    return mask


def count(landing: Path, person: Person, lines: Lines, tombstones: Tombstones) -> Landed:
    """Say what ``erase`` would take, and change nothing."""
    found = Landed()
    choose = doomed(lines, person)
    for folder in batches(landing, person.source):
        file = pq.ParquetFile(folder / "events.parquet")
        for group in range(file.num_row_groups):
            found.events += pc.sum(choose(file.read_row_group(group))).as_py() or 0
    for path in _tables(landing, person.source):
        _, touched = without_persons(pq.ParquetFile(path).read(), path.stem, tombstones)
        if touched:
            found.tables[path.stem] = touched
    return found


def erase(
    landing: Path,
    person: Person,
    lines: Lines,
    stone: Tombstone,
    tombstones: Tombstones,
    tell: Callable[[str], None],
) -> Landed:
    """Take the person out, file by file; call again after a kill.

    Args:
        landing: folder of what was taken in, held by the caller's lock.
        person: whom to take out.
        lines: raw rows that go.
        stone: the person's tombstone.
        tombstones: who was erased, this person among them.
        tell: called with what is being done.
    """
    found = Landed()
    choose = doomed(lines, person)
    for folder in batches(landing, person.source):
        tell(f"landed batch {folder.name}")
        gone = _retired(folder, lines)
        found.events += bury(folder, choose, tombstones.named_in)
        recount(folder, stone.customer, gone)
    for path in _tables(landing, person.source):
        tell(f"landed table {path.stem}")
        if touched := erase_from_table(path, path.stem, tombstones):
            found.tables[path.stem] = touched
        _note_rows(path)
    return found


def _retired(folder: Path, lines: Lines) -> int:
    """How many of the rows that go are no longer held by the folder, since retention took them."""
    manifest, batches = read_folder(folder)
    if not manifest.get("retired_events"):
        return 0
    wanted = {(batch, line) for batch in batches for line in lines.get(batch, ())}
    for name, number in (("events", "_line_number"), ("dead_letters", "line_number")):
        held = pq.ParquetFile(folder / f"{name}.parquet").read(columns=["_batch_id", number])
        wanted -= set(zip(*(column.to_pylist() for column in held.columns), strict=True))
    return len(wanted)


def erased_lines(landing: Path) -> pa.Table:
    """What landing holds as erased: source, batch_id, line_number."""
    found = [_LINES.empty_table()]
    for path in landing.glob("*/events/*/*/dead_letters.parquet"):
        letters = pq.ParquetFile(path).read(columns=["reason", "_batch_id", "line_number"])
        letters = letters.filter(pc.equal(letters.column("reason"), ERASED))
        source = pa.repeat(pa.scalar(path.relative_to(landing).parts[0]), letters.num_rows)
        columns = [source, letters.column("_batch_id"), letters.column("line_number")]
        found.append(pa.table(columns, schema=_LINES))
    return pa.concat_tables(found)


_LINES = pa.schema(
    [("source", pa.string()), ("batch_id", pa.string()), ("line_number", pa.int64())]
)


def _tables(landing: Path, source: str) -> list[Path]:
    return sorted((landing / source / "tables").glob("*.parquet"))


def _note_rows(table: Path) -> None:
    """Let the note beside a table count its rows."""
    path = table.with_suffix(".json")
    if not path.is_file():
        return
    note = orjson.loads(path.read_bytes())
    rows = pq.read_metadata(table).num_rows
    if note.get("rows") != rows:
        fresh = path.with_name(f".{path.name}.new")
        write_json(fresh, {**note, "rows": rows})
        fresh.replace(path)
