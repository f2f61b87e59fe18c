"""Finding what lies in an inbox and telling event files from tables.

The convention, with paths relative to the inbox of one source:

- a file below a folder ``events/``, or one named ``events.<ext>`` at the top or in ``tables/``, is
  an event file (``.jsonl``, ``.ndjson``, ``.json``, each also ``.gz`` or ``.zst``; ``.parquet``);
- any other ``.parquet`` or ``.csv`` at the top or below ``tables/`` is a table, named by its stem;
- everything else is left alone and listed with the reason: pictures, notes, other folders,
  folders of samples (``*_samples``) and what begins with ``.`` or ``_`` (half-written or internal).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from trasos.errors import InputError

LINE_SUFFIXES = frozenset(
    stem + packed for stem in (".jsonl", ".ndjson", ".json") for packed in ("", ".gz", ".zst")
)
PARQUET_SUFFIX = ".parquet"
TABLE_SUFFIXES = frozenset({PARQUET_SUFFIX, ".csv"})


@dataclass(frozen=True)
class InboxFile:
    """One file of an inbox.

    Attributes:
        path: where it lies.
        name: its path relative to the inbox, with ``/``, always valid UTF-8.
        suffix: its extensions in lower case, packing included, such as ``.jsonl.gz``.
        size: bytes, when it was found.
        entity: for a table its name; empty for an event file.
    """

    path: Path
    name: str
    suffix: str
    size: int
    entity: str = ""

    def status(self) -> os.stat_result:
        """Size, time of change and the like.

        Raises:
            InputError: the file is gone, since inboxes belong to others.
        """
        try:
            return self.path.stat()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror or error}") from error


@dataclass(frozen=True)
class Inbox:
    """What was found in an inbox, each list in the order of names.

    Attributes:
        events: event files.
        tables: tables.
        ignored: name and reason of each file that is neither.
    """

    events: tuple[InboxFile, ...]
    tables: tuple[InboxFile, ...]
    ignored: tuple[tuple[str, str], ...]


def scan(folder: Path) -> Inbox:
    """List the files below ``folder`` by the convention of this module."""
    events, tables, ignored = [], [], []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts = path.relative_to(folder).parts
        # A name that is not UTF-8 could not be stored as text; it is kept readable, not exact.
        name = os.fsencode("/".join(parts)).decode("utf-8", "backslashreplace")
        stem, suffix = _split(path.name)
        size = path.stat().st_size
        reason = _why_ignored(parts)
        if reason:
            ignored.append((name, reason))
        elif "events" in parts[:-1] or stem == "events":
            if suffix in LINE_SUFFIXES or suffix == PARQUET_SUFFIX:
                events.append(InboxFile(path, name, suffix, size))
            else:
                ignored.append((name, "not a format of event files (JSON lines or Parquet)"))
        elif suffix in TABLE_SUFFIXES:
            tables.append(InboxFile(path, name, suffix, size, entity=stem))
        else:
            ignored.append((name, "neither events nor a table"))
    return Inbox(tuple(events), tuple(tables), tuple(ignored))


def _why_ignored(parts: tuple[str, ...]) -> str:
    """Say why a file at ``parts`` is not looked at; empty where it is."""
    folders = parts[:-1]
    if any(part.startswith((".", "_")) for part in parts):
        return "hidden or internal"
    if any(folder.endswith("_samples") for folder in folders):
        return "a folder of samples"
    if folders and folders[0] != "tables" and "events" not in folders:
        return "in a folder that is neither events/ nor tables/"
    return ""


def _split(filename: str) -> tuple[str, str]:
    """Split a file's name into stem and known suffix: ``("clicks", ".jsonl.gz")``."""
    lower = filename.lower()
    for suffix in sorted(LINE_SUFFIXES | TABLE_SUFFIXES, key=len, reverse=True):
        if lower.endswith(suffix):
            return filename[: -len(suffix)], suffix
    path = Path(filename)
    return path.stem, path.suffix.lower()
