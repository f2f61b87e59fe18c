"""What has been landed already, who may land now, and what time it is for landing.

The manifests beside the landed batches are the only record: there is no second file that could
disagree with them. Whoever removes a batch's folder makes Trasos forget it; a file that still lies
in the inbox is then landed again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from trasos.errors import InputError
from trasos.files import exclusive

#: Half-written batches live here, outside every folder that a glob over landed files can match.
WORKSHOP = ".incoming"
_TICK = timedelta(microseconds=1)


@contextmanager
def only_lander(landing: Path) -> Iterator[Path]:
    """Hold the lock of a landing folder, with an empty workshop for half-written files.

    What a killed lander left in the workshop is removed. The system frees the lock when its holder
    ends, however it ends.

    Yields:
        The workshop, a folder on the same file system as the landed files.

    Raises:
        NotReadyError: another process holds the lock.
    """
    with exclusive(landing / ".lock", f"landing into {landing}"):
        workshop = landing / WORKSHOP
        shutil.rmtree(workshop, ignore_errors=True)
        workshop.mkdir()
        try:
            yield workshop
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


class Ledger:
    """The landed batches of one source.

    Args:
        events: folder ``landing/<source>/events``.
        now: the clock, as a UTC datetime without zone.

    Raises:
        InputError: a batch without a readable manifest lies in the folder.
    """

    def __init__(self, events: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._batches: set[str] = set()
        self._seen: set[tuple[str, int, int]] = set()
        self._last = datetime.min
        for folder in sorted(events.parent.parent.glob("*/events/load_date=*/*/")):
            manifest = _manifest(folder / "manifest.json")
            if folder.is_relative_to(events):
                self.record(folder.name, manifest)
            else:
                # One clock for all sources: their events meet in one table with one watermark.
                self._moved_on(manifest)

    def has_file(self, name: str, status: os.stat_result) -> bool:
        """Whether a file of this name, size and time of change was landed, without reading it."""
        return (name, status.st_size, status.st_mtime_ns) in self._seen

    def has_batch(self, batch_id: str) -> bool:
        """Whether this content was landed, under whatever name."""
        return batch_id in self._batches

    def record(self, batch_id: str, manifest: dict[str, Any]) -> None:
        """Take a landed batch into the ledger."""
        self._batches.add(batch_id)
        self._seen.add((manifest["source_file"], manifest["size"], manifest["mtime_ns"]))
        self._moved_on(manifest)

    def _moved_on(self, manifest: dict[str, Any]) -> None:
        self._last = max(self._last, datetime.fromisoformat(manifest["loaded_at"]))

    def next_loaded_at(self) -> datetime:
        """The moment of the next batch: now, always later than any batch of any source before.

        Every batch gets a moment of its own, and batches become visible one after the other, so a
        reader that has seen moment t and asks for ``_loaded_at > t`` misses nothing, even where
        the clock was set back. The watermark of the incremental models stands on this.
        """
        return max(self._now(), self._last + _TICK if self._last > datetime.min else self._last)


def utc(moment: datetime) -> datetime:
    """Turn a moment into UTC without zone; one without a zone is taken to be UTC already."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def utc_now() -> datetime:
    """The clock of the machine, UTC without zone."""
    return utc(datetime.now(UTC))


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = orjson.loads(path.read_bytes())
        datetime.fromisoformat(manifest["loaded_at"])
        manifest["source_file"], manifest["size"], manifest["mtime_ns"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The landed batch {path.parent} has no readable manifest.json. Restore that file, or "
            "remove the whole folder: its file is landed again if it still lies in the inbox."
        ) from error
    return manifest
