"""What has been landed already, who may land now, and what time it is for landing.

The manifests beside the landed batches are the only record: there is no second file that could
disagree with them. Whoever removes a batch's folder makes Trasos forget it; a file that still lies
in the inbox is then landed again.

A folder of one batch bears the batch's id and has ``manifest.json``. In a folder of several, merged
by ``trasos storage compact``, ``manifest.json`` holds their sums and ``"merged"``, how many they
are; ``batches.jsonl`` holds the manifest of each, with its ``batch_id``, one a line.
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
from trasos.landing.switch import recover

#: Half-written batches live here, outside every folder that a glob over landed files can match.
WORKSHOP = ".incoming"
#: The manifests of the batches in a merged folder.
MERGED = "batches.jsonl"
#: What landing notes of a batch.
Manifest = dict[str, Any]
_TICK = timedelta(microseconds=1)


@contextmanager
def only_lander(landing: Path) -> Iterator[Path]:
    """Hold the lock of a landing folder, with an empty workshop for half-written files.

    What a killed lander left in the workshop is removed, a day that a killed compaction took out of
    its place is put back. The system frees the lock when its holder ends, however it ends.

    Yields:
        The workshop, a folder on the same file system as the landed files.

    Raises:
        NotReadyError: another process holds the lock.
    """
    with exclusive(landing / ".lock", f"landing into {landing}"):
        recover(landing)
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
            for batch_id, manifest in read_folder(folder)[1].items():
                if folder.is_relative_to(events):
                    self.record(batch_id, manifest)
                else:
                    # One clock for all sources: their events meet in one table with one watermark.
                    self._moved_on(manifest)

    def has_file(self, name: str, status: os.stat_result) -> bool:
        """Whether a file of this name, size and time of change was landed, without reading it."""
        return (name, status.st_size, status.st_mtime_ns) in self._seen

    def has_batch(self, batch_id: str) -> bool:
        """Whether this content was landed, under whatever name."""
        return batch_id in self._batches

    def record(self, batch_id: str, manifest: Manifest) -> None:
        """Take a landed batch into the ledger."""
        self._batches.add(batch_id)
        self._seen.add((manifest["source_file"], manifest["size"], manifest["mtime_ns"]))
        self._moved_on(manifest)

    def _moved_on(self, manifest: Manifest) -> None:
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


def read_folder(folder: Path) -> tuple[Manifest, dict[str, Manifest]]:
    """Read what a landed folder says of itself.

    Returns:
        Its manifest, and the manifest of each batch in it by the batch's id.

    Raises:
        InputError: they cannot be read, or are not whole.
    """
    try:
        manifest: Manifest = orjson.loads((folder / "manifest.json").read_bytes())
        batches = {folder.name: manifest}
        if "merged" in manifest:
            lines = (folder / MERGED).read_bytes().splitlines()
            batches = {one.pop("batch_id"): one for one in map(orjson.loads, lines)}
            if len(batches) != manifest["merged"]:
                raise ValueError(f"{MERGED} holds {len(batches)} of {manifest['merged']}")
        for one in (manifest, *batches.values()):
            datetime.fromisoformat(one["loaded_at"])
        for one in batches.values():
            one["source_file"], one["size"], one["mtime_ns"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The landed batch {folder} has no readable manifest.json, or no whole {MERGED} where "
            "it is merged of several. Restore that file, or remove the whole folder: what was "
            "landed there is landed again if it still lies in the inbox."
        ) from error
    return manifest, batches
