"""Taking erased persons out of landed files: rows of events, and rows of the shop's tables.

An erased event becomes a dead letter without text, so that every line that came in is still
counted. That is also what becomes of such a line when it comes in late.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trasos.files import sync, write_json
from trasos.landing.moments import happened_at
from trasos.landing.schema import DEAD_LETTERS
from trasos.landing.tombstones import ERASED, Tombstones

#: Columns that name a customer or a device, by their letters alone: ``userId`` is ``user_id``. A
#: shop that calls them otherwise adds its name here.
CUSTOMER_COLUMNS = frozenset({"customerid", "userid", "buyerid"})
DEVICE_COLUMNS = frozenset({"anonymousid", "visitorid", "deviceid", "sessionid"})
#: Tables with one row for each customer, and the columns that hold its id.
PERSON_TABLES = {
    "customers": frozenset({"customerid", "id"}),
    "users": frozenset({"userid", "customerid", "id"}),
}

#: Says which rows of events go, as a boolean for each.
Doomed = Callable[[pa.Table], pa.BooleanArray]


def plain(name: str) -> str:
    """A column's name by its letters and digits alone, in lower case."""
    return re.sub(r"[\W_]+", "", name.lower())


def bury(folder: Path, doomed: Doomed, hides: Callable[[str], bool]) -> int:
    """Turn rows of a landed batch into dead letters without text.

    The dead letters are replaced before the events: a kill in between leaves rows in both, and
    the next call finds them again and adds none twice.

    Args:
        folder: of ``events.parquet`` and ``dead_letters.parquet``.
        doomed: which rows go.
        hides: whether the text of a dead letter is to be emptied.

    Returns:
        Number of rows.
    """
    events = folder / "events.parquet"
    file = pq.ParquetFile(events)
    masks, erased = [], []
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        mask = doomed(table)
        masks.append(mask)
        erased.append(table.filter(mask).select(_ORIGIN))
    gone = pa.concat_tables(erased) if erased else None
    count = gone.num_rows if gone is not None else 0
    _write_letters(folder / "dead_letters.parquet", gone if count else None, hides)
    if gone is not None and count:

        def write(target: Path) -> None:
            with pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as writer:
                for group, mask in enumerate(masks):
                    writer.write_table(file.read_row_group(group).filter(pc.invert(mask)))

        _replace(events, write)
    file.close()
    return count


_ORIGIN = ["_source_file", "_line_number", "_batch_id", "_loaded_at"]


def _write_letters(path: Path, gone: pa.Table | None, hides: Callable[[str], bool]) -> None:
    """Add the dead letters of erased rows, and empty those whose text names the person."""
    letters = pq.ParquetFile(path).read().cast(DEAD_LETTERS)
    rows = letters.to_pylist()
    changed = False
    for row in rows:
        if row["raw"] and hides(row["raw"]):
            row["raw"], changed = "", True
    if gone is not None:
        known = {(row["_batch_id"], row["line_number"]) for row in rows if row["reason"] == ERASED}
        for row in gone.to_pylist():
            if (row["_batch_id"], row["_line_number"]) not in known:
                changed = True
                rows.append(
                    {
                        "source_file": row["_source_file"],
                        "line_number": row["_line_number"],
                        "reason": ERASED,
                        "raw": "",
                        "_batch_id": row["_batch_id"],
                        "_loaded_at": row["_loaded_at"],
                    }
                )
    if changed:
        table = pa.Table.from_pylist(rows, schema=DEAD_LETTERS)
        _replace(path, lambda target: pq.write_table(table, target, compression="zstd"))


def recount(folder: Path, person: str = "", gone: int = 0) -> None:
    """Bring a batch's manifest up to what its files hold; nothing is written where it fits.

    Args:
        folder: of the batch.
        person: hash of the erased customer's id.
        gone: rows of that person that retention had removed before. They count as removed dead
            letters from then on; telling it twice changes nothing.
    """
    path = folder / "manifest.json"
    manifest: dict[str, Any] = orjson.loads(path.read_bytes())
    noted: dict[str, int] = manifest.get("erased_retired", {})
    more = gone - noted.get(person, 0)
    retired_events = manifest.get("retired_events", 0) - more
    retired_letters = manifest.get("retired_dead_letters", 0) + more
    letters = pq.read_metadata(folder / "dead_letters.parquet").num_rows + retired_letters
    erased = letters - manifest["dead_letters"]
    if not erased:
        return
    reasons = Counter(manifest["dead_letters_by_reason"])
    reasons[ERASED] += erased
    counts = {
        "events": pq.read_metadata(folder / "events.parquet").num_rows + retired_events,
        "dead_letters": letters,
        "dead_letters_by_reason": dict(reasons),
    }
    if more:
        counts |= {
            "retired_events": retired_events,
            "retired_dead_letters": retired_letters,
            "erased_retired": {**noted, person: gone},
        }
    _replace(path, lambda target: write_json(target, {**manifest, **counts}))


def late(tombstones: Tombstones) -> Doomed:
    """Rows of an event file that are erased persons', by the columns that name them.

    The time on a shared device is known only where the columns are those of the envelope.
    """

    def mask(table: pa.Table) -> pa.BooleanArray:
        customers = _texts(table, CUSTOMER_COLUMNS)
        devices = _texts(table, DEVICE_COLUMNS)
        times = [_column(table, name) for name in ("originaltimestamp", "sentat", "receivedat")]

        def is_erased(row: int) -> bool:
            def moment() -> datetime | None:
                return happened_at(*(None if one is None else one[row] for one in times))

            named = [column[row] for column in customers if column[row] is not None]
            return any(tombstones.covers(one, None, moment) for one in named) or any(
                tombstones.covers(named[0] if named else None, column[row], moment)
                for column in devices
            )

        return pa.array(map(is_erased, range(table.num_rows)), pa.bool_())

    return mask


def erase_from_table(path: Path, entity: str, tombstones: Tombstones) -> int:
    """Take erased persons out of a landed table of the shop.

    Where the table has one row for each customer, theirs go. Everywhere else the row stays, for
    its money and its counts, and the id is emptied.

    Args:
        path: Parquet file, replaced where somebody was in it.
        entity: name of the table.
        tombstones: who was erased.

    Returns:
        Number of rows that went or lost an id.
    """
    kept, count = without_persons(pq.ParquetFile(path).read(), entity, tombstones)
    if count:
        _replace(path, lambda target: pq.write_table(kept, target, compression="zstd"))
    return count


def without_persons(table: pa.Table, entity: str, tombstones: Tombstones) -> tuple[pa.Table, int]:
    """What ``erase_from_table`` leaves of a table, and how many rows it touches."""
    count = 0
    if own := PERSON_TABLES.get(entity.lower()):
        gone = pa.array([False] * table.num_rows, pa.bool_())
        for name in table.column_names:
            if plain(name) in own:
                gone = pc.or_(gone, _erased(table.column(name), tombstones.customer))
        count = pc.sum(gone).as_py() or 0
        table = table.filter(pc.invert(gone))
    touched = pa.array([False] * table.num_rows, pa.bool_())
    for place, name in enumerate(table.column_names):
        kinds = ((CUSTOMER_COLUMNS, tombstones.customer), (DEVICE_COLUMNS, tombstones.device))
        for names, ask in kinds:
            if plain(name) not in names:
                continue
            column = table.column(name)
            mask = _erased(column, ask)
            touched = pc.or_(touched, mask)
            emptied = pc.if_else(mask, pa.scalar(None, column.type), column)
            # A shop may have declared that each of its rows names somebody.
            field = table.schema.field(place).with_nullable(True)
            table = table.set_column(place, field, emptied)
    return table, count + (pc.sum(touched).as_py() or 0)


def _erased(column: pa.ChunkedArray, ask: Callable[[str], bool]) -> pa.Array:
    """Where a column holds the id of somebody erased."""
    texts = column.cast(pa.string()).combine_chunks()
    hits = [value for value in pc.unique(texts).to_pylist() if value is not None and ask(value)]
    return pc.is_in(texts, value_set=pa.array(hits, pa.string()))


def _texts(table: pa.Table, names: frozenset[str]) -> list[list[str | None]]:
    return [
        table.column(name).cast(pa.string()).to_pylist()
        for name in table.column_names
        if plain(name) in names
    ]


def _column(table: pa.Table, wanted: str) -> list[Any] | None:
    found = [name for name in table.column_names if plain(name) == wanted]
    return table.column(found[0]).to_pylist() if found else None


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside ``path``, whole and on the disk, and put it in its place."""
    fresh = path.with_name(f".{path.name}.new")
    write(fresh)
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
