"""From lines to columns: what becomes an event, and what a dead letter.

Values keep their JSON text, so that nothing is lost between the tracker and staging, with two
limits of the parser: integers beyond 64 bits become floating-point numbers, and of a repeated key
the last value stays. The line itself can be found again by ``_source_file`` and ``_line_number``.

Personal data is taken out on the way, see ``pseudonyms``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq
from orjson import Fragment, JSONDecodeError, JSONEncodeError, dumps, loads

from trasos.landing.moments import happened_at
from trasos.landing.personal import Scrubber, without_addresses
from trasos.landing.reading import RAW_LIMIT
from trasos.landing.schema import DEAD_LETTERS, EVENTS, JSON_COLUMNS, TEXT_COLUMNS
from trasos.landing.tombstones import ERASED, Tombstones

#: Rows and raw bytes held as Python objects, at most; then they become an Arrow batch.
CHUNK_ROWS = 5_000
CHUNK_BYTES = 16 * 1024 * 1024
#: Rows and bytes held as Arrow batches, at most; then they become a row group of the file.
GROUP_ROWS = 100_000
GROUP_BYTES = 64 * 1024 * 1024

#: What is looked at beyond the part of a dead line that is kept: an address in full.
MARGIN = 512

TOO_LONG = "line too long"
NOT_UTF8 = "invalid UTF-8"
NOT_AN_OBJECT = "not a JSON object"

Row = list[str | bytes | None]

_PLAIN = frozenset({str, type(None)})
#: What a key that is not there stands for, once for each of the envelope's keys.
_NOTHING = (None,) * (len(TEXT_COLUMNS) + len(JSON_COLUMNS))


class DeadLine(Exception):  # noqa: N818 - a verdict on one line, not a failure of the program
    """A line that cannot be landed; its text is the reason."""


def parse(line: bytes, scrubber: Scrubber) -> tuple[Row, bytes]:
    """Turn one line into the values of the envelope's columns.

    Args:
        line: one line, without white space around it.
        scrubber: takes out personal data.

    Returns:
        Values in the order of ``TEXT_COLUMNS``, ``JSON_COLUMNS`` and ``extra``, and what to tell
        the line by: itself, or those values as a JSON list where something personal was in it. A
        value that is not text where text is expected is kept as its JSON text; JSON values are
        UTF-8 bytes.

    Raises:
        DeadLine: the line is not UTF-8, not JSON or not an object.
    """
    try:
        record = loads(line)
    except JSONDecodeError as error:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            raise DeadLine(NOT_UTF8) from None
        raise DeadLine(f"invalid JSON: {error.msg}") from None
    if type(record) is not dict:
        raise DeadLine(NOT_AN_OBJECT)
    take = record.pop
    texts = list(map(take, TEXT_COLUMNS, _NOTHING))
    objects = list(map(take, JSON_COLUMNS, _NOTHING))
    personal = scrubber.event(objects, record)
    try:
        row: Row = texts
        if not _PLAIN.issuperset(map(type, texts)):
            row = [text if text is None or type(text) is str else dumps(text) for text in texts]
        row += [None if value is None else dumps(value) for value in objects]
        row.append(dumps(record) if record else None)
        if personal:
            line = dumps(row, default=Fragment)
    except JSONEncodeError as error:
        # The parser takes deeper nesting than the serialiser gives back.
        raise DeadLine(f"invalid JSON: {str(error).lower()}") from None
    return row, line


class _RowGroups:
    """A Parquet file written in row groups of fair size from small batches."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, columns: Sequence[pa.Array]) -> None:
        batch = pa.record_batch(columns, schema=self._schema)
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self.write()

    def write(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches))
        self._batches, self._rows, self._bytes = [], 0, 0

    def close(self) -> None:
        self._writer.close()


class EventWriter:
    """Writes the lines of one file as ``events.parquet`` and ``dead_letters.parquet``.

    Use as a context manager; the files are whole once it is left without an exception.

    A dead letter's ``raw`` is text that nobody could parse, so its fields cannot be told apart.
    What looks like an e-mail address is replaced in it; a name, a street, a phone number or an IP
    address may still stand there, and so may an address that the line cuts in two.

    A line of an erased person becomes a dead letter too, without any text.

    Attributes:
        lines: physical lines seen.
        events: lines that became events.
        blank: lines of white space.
        dead: dead letters by reason.
    """

    def __init__(
        self,
        folder: Path,
        source_file: str,
        batch_id: str,
        loaded_at: datetime,
        scrubber: Scrubber,
        tombstones: Tombstones | None = None,
    ) -> None:
        self._scrubber, self._tombstones = scrubber, tombstones
        self.lines = self.events = self.blank = 0
        self.dead: Counter[str] = Counter()
        self._origin = (
            pa.scalar(source_file),
            pa.scalar(batch_id),
            pa.scalar(loaded_at, pa.timestamp("us")),
        )
        self._events = _RowGroups(folder / "events.parquet", EVENTS)
        self._letters = _RowGroups(folder / "dead_letters.parquet", DEAD_LETTERS)
        self._rows: list[Row] = []
        self._numbers: list[int] = []
        self._hashes: list[str] = []
        self._dead_rows: list[tuple[int, str, str]] = []
        self._bytes = 0

    def __enter__(self) -> EventWriter:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left and close both files."""
        try:
            if error is None:
                self._flush()
                self._events.write()
                self._letters.write()
        finally:
            self._events.close()
            self._letters.close()

    def add(self, line: bytes, too_long: bool) -> None:
        """Take one physical line, as ``reading.lines`` gives it."""
        self.lines += 1
        text = line.strip()
        if not text and not too_long:
            self.blank += 1
            return
        try:
            if too_long:
                raise DeadLine(TOO_LONG)
            row, text = parse(text, self._scrubber)
            if self._tombstones and _is_of_erased(row, self._tombstones):
                raise DeadLine(ERASED)
            self._rows.append(row)
        except DeadLine as verdict:
            reason = str(verdict)
            self.dead[reason] += 1
            # A little more than is kept, lest the cut hide that something is an address.
            raw = line[: RAW_LIMIT + MARGIN].decode("utf-8", "replace")
            raw = without_addresses(raw)[:RAW_LIMIT]
            if reason == ERASED or (self._tombstones and self._tombstones.named_in(raw)):
                raw = ""
            self._dead_rows.append((self.lines, reason, raw))
            self._bytes += len(raw)
        else:
            self.events += 1
            self._numbers.append(self.lines)
            self._hashes.append(hashlib.md5(text, usedforsecurity=False).hexdigest())
            self._bytes += len(text)
        if self._bytes > CHUNK_BYTES or len(self._rows) + len(self._dead_rows) >= CHUNK_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            file, batch, loaded = (pa.repeat(one, len(self._rows)) for one in self._origin)
            texts = [pa.array(values, pa.string()) for values in zip(*self._rows, strict=True)]
            numbers = pa.array(self._numbers, pa.int64())
            hashes = pa.array(self._hashes, pa.string())
            self._events.add([*texts, file, numbers, batch, loaded, hashes])
        if self._dead_rows:
            file, batch, loaded = (pa.repeat(one, len(self._dead_rows)) for one in self._origin)
            places, reasons, raws = zip(*self._dead_rows, strict=True)
            numbers = pa.array(places, pa.int64())
            letters = [pa.array(values, pa.string()) for values in (reasons, raws)]
            self._letters.add([file, numbers, *letters, batch, loaded])
        self._rows, self._numbers, self._hashes, self._dead_rows = [], [], [], []
        self._bytes = 0


_COLUMNS = list(TEXT_COLUMNS.values())
_CUSTOMER, _DEVICE = _COLUMNS.index("user_id"), _COLUMNS.index("anonymous_id")
_TIMES = [_COLUMNS.index(name) for name in ("original_timestamp", "sent_at", "received_at")]


def _is_of_erased(row: Row, tombstones: Tombstones) -> bool:
    customer, device = _as_text(row[_CUSTOMER]), _as_text(row[_DEVICE])
    return tombstones.covers(customer, device, lambda: happened_at(*(row[at] for at in _TIMES)))


def _as_text(value: str | bytes | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value
