"""The one verb of landing: take what is new in an inbox."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from trasos.errors import ConfigurationError, InputError
from trasos.files import sync, write_json
from trasos.landing.burial import bury, late
from trasos.landing.discovery import PARQUET_SUFFIX, Inbox, InboxFile, scan
from trasos.landing.events import EventWriter
from trasos.landing.ledger import Ledger, only_lander, utc, utc_now
from trasos.landing.parquet import land_event_parquet
from trasos.landing.personal import Scrubber
from trasos.landing.pseudonyms import Pseudonyms
from trasos.landing.reading import OnBytes, blocks, lines, sha256_of
from trasos.landing.report import LandedBatch, LandingReport
from trasos.landing.tables import clashes, land_table
from trasos.landing.tombstones import ERASED, Graveyard, Tombstones
from trasos.settings import Settings

#: Told about progress: the file at hand, bytes of the inbox done, bytes of the inbox in all.
Progress = Callable[[str, int, int], None]

_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*")


def land(
    source: str,
    settings: Settings,
    inbox: Path | None = None,
    loaded_at: datetime | None = None,
    progress: Progress | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> LandingReport:
    """Land every new file of a source's inbox; the inbox itself stays untouched.

    An event file becomes one batch, ``landing/<source>/events/load_date=…/<batch_id>/`` with
    ``events.parquet``, ``dead_letters.parquet`` and ``manifest.json``. It appears wholly or not at
    all. The batch's id comes from the file's content and packing, so the same content is landed
    once, whatever its name and however often this is called. Tables replace
    ``landing/<source>/tables/``.

    **The watermark.** One lander works at a time, batch after batch, and gives each batch a
    ``_loaded_at`` of its own: the clock, but at least a microsecond after the batch before. So a
    batch that becomes visible later always carries a later ``_loaded_at``, even when the clock
    goes back, and an incremental model that has read up to t finds everything newer, and nothing
    twice, with ``_loaded_at > t``.

    **Personal data** never lands in the clear: what ``pseudonyms`` names is hashed or dropped.
    **Erased persons** stay out: their lines become dead letters without text, and the shop's
    tables lose their ids (``tombstones``).

    Args:
        source: name of the source: lower case letters, digits and underscores.
        settings: where things lie.
        inbox: folder to take files from; ``settings.inbox/<source>`` if not given.
        loaded_at: time to use for the clock; the machine's clock if not given.
        progress: called with (file, bytes done, bytes in all) while files are read.
        pseudonyms: how to hash personal data; by the key of the environment if not given.

    Returns:
        What was landed, what was there already, what was refused and why.

    Raises:
        ConfigurationError: ``source`` is no fit name, or the key of the environment too short or
            another than the one under which a person was erased.
        InputError: the inbox is missing or holds neither events nor tables.
        NotReadyError: another process is landing.
    """
    if not _SOURCE_NAME.fullmatch(source):
        raise ConfigurationError(
            f"The source {source!r} is no fit name: use lower case letters, digits and "
            "underscores, beginning with a letter, such as 'shop'."
        )
    folder = inbox if inbox is not None else settings.inbox / source
    found = _look_into(folder, source)
    fixed = None if loaded_at is None else utc(loaded_at)
    clock = utc_now if fixed is None else lambda: fixed
    pseudonyms = Pseudonyms.from_env() if pseudonyms is None else pseudonyms
    with only_lander(settings.landing) as workshop:
        # Read under the lock: an erasure that is under way holds it until its tombstone stands.
        tombstones = Graveyard(settings.landing, pseudonyms).of(source)
        scrubber, folder = Scrubber(pseudonyms), settings.landing / source
        lander = _Lander(source, folder, workshop, clock, found, scrubber, tombstones, progress)
        return lander.run()


def _look_into(folder: Path, source: str) -> Inbox:
    if not folder.is_dir():
        raise InputError(
            f"There is no inbox folder {folder} for the source {source!r}. Create it and drop "
            "event files below events/ (.jsonl, .jsonl.gz, .jsonl.zst, .parquet), tables below "
            "tables/ (.parquet, .csv), name another folder, or simulate a shop: `trasos simulate`."
        )
    found = scan(folder)
    if not found.events and not found.tables:
        passed = ", ".join(f"{name} ({reason})" for name, reason in found.ignored[:5])
        more = len(found.ignored) - 5
        seen = (
            f" It holds only {passed}{f' and {more} more' if more > 0 else ''}." if passed else ""
        )
        raise InputError(
            f"Nothing to land for the source {source!r} in {folder}.{seen} Drop event files below "
            "events/ (.jsonl, .jsonl.gz, .jsonl.zst, .parquet) and tables below tables/ or beside "
            "it (.parquet, .csv)."
        )
    return found


class _Lander:
    """One call of ``land``, inside the lock."""

    def __init__(
        self,
        source: str,
        folder: Path,
        workshop: Path,
        clock: Callable[[], datetime],
        found: Inbox,
        scrubber: Scrubber,
        tombstones: Tombstones,
        progress: Progress | None,
    ) -> None:
        self._scrubber, self._tombstones = scrubber, tombstones
        self._found, self._workshop, self._progress = found, workshop, progress
        self._events, self._tables = folder / "events", folder / "tables"
        self._ledger = Ledger(self._events, clock)
        self._clock = clock
        self._report = LandingReport(source, ignored=list(found.ignored))
        files = (*found.events, *found.tables)
        self._sizes = {file.name: file.size for file in files}
        self._total = sum(self._sizes.values())
        self._done = 0

    def run(self) -> LandingReport:
        for file in self._found.events:
            self._each(file, self._land_events)
        refusals = clashes(self._found.tables)
        for file in self._found.tables:
            if file.name in refusals:
                self._report.refused.append((file.name, refusals[file.name]))
            else:
                self._each(file, self._land_table)
        self._report.key_missing = self._scrubber.key_missing
        return self._report

    def _each(self, file: InboxFile, work: Callable[[InboxFile], None]) -> None:
        """Do one file; one that cannot be read is refused, and the others go on."""
        self._tell(file)(0)
        try:
            work(file)
        except InputError as error:
            self._report.refused.append((file.name, str(error)))
        self._done += self._sizes[file.name]
        self._tell(file)(0)

    def _tell(self, file: InboxFile) -> OnBytes:
        progress = self._progress
        if progress is None:
            return lambda consumed: None
        return lambda consumed: progress(file.name, self._done + consumed, self._total)

    def _land_table(self, file: InboxFile) -> None:
        rows = land_table(
            file, self._tables, self._workshop, self._clock(), self._scrubber, self._tombstones
        )
        if rows is None:
            self._report.already.append(file.name)
        else:
            self._report.tables.append((file.entity, rows))

    def _land_events(self, file: InboxFile) -> None:
        before = file.status()
        if self._ledger.has_file(file.name, before):
            self._report.already.append(file.name)
            return
        digest = sha256_of(file.path)
        batch_id = _batch_id(digest, file.suffix)
        if self._ledger.has_batch(batch_id):
            self._report.already.append(file.name)
            return
        loaded_at = self._ledger.next_loaded_at()
        draft = self._workshop / batch_id
        draft.mkdir()
        try:
            batch = self._write(file, draft, batch_id, loaded_at)
            if _stamp(file.status()) != _stamp(before):
                raise InputError("it changed while it was read; land again when it is complete")
        except InputError:
            shutil.rmtree(draft)
            raise
        manifest = {
            "source_file": file.name,
            "size": before.st_size,
            "mtime_ns": before.st_mtime_ns,
            "sha256": digest,
            "lines": batch.lines,
            "events": batch.events,
            "dead_letters": batch.dead.total(),
            "dead_letters_by_reason": dict(batch.dead),
            "blank": batch.blank,
            "loaded_at": loaded_at.isoformat(),
        }
        write_json(draft / "manifest.json", manifest)
        for path in (draft / "events.parquet", draft / "dead_letters.parquet", draft):
            sync(path)
        batch.folder.parent.mkdir(parents=True, exist_ok=True)
        draft.rename(batch.folder)
        sync(batch.folder.parent)
        self._ledger.record(batch_id, manifest)
        self._report.batches.append(batch)

    def _write(
        self, file: InboxFile, draft: Path, batch_id: str, loaded_at: datetime
    ) -> LandedBatch:
        size = self._sizes[file.name]
        folder = self._events / f"load_date={loaded_at.date().isoformat()}" / batch_id
        if file.suffix == PARQUET_SUFFIX:
            rows = land_event_parquet(
                file.path, draft, file.name, batch_id, loaded_at, self._scrubber
            )
            tombstones = self._tombstones
            gone = bury(draft, late(tombstones), tombstones.named_in) if tombstones else 0
            dead = Counter({ERASED: gone} if gone else {})
            return LandedBatch(file.name, folder, rows, rows - gone, 0, dead, size)
        with EventWriter(
            draft, file.name, batch_id, loaded_at, self._scrubber, self._tombstones
        ) as writer:
            for line, too_long in lines(blocks(file.path, self._tell(file))):
                writer.add(line, too_long)
        return LandedBatch(
            file.name, folder, writer.lines, writer.events, writer.blank, writer.dead, size
        )


def _batch_id(digest: str, suffix: str) -> str:
    """Name a batch: the same bytes under another packing are other lines, or none at all."""
    packing = suffix if suffix == PARQUET_SUFFIX else Path(suffix).suffix
    if packing:
        digest = hashlib.sha256(f"{digest}{packing}".encode()).hexdigest()
    return digest[:16]


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
