"""Landing the shop's tables: full dumps, each replacing the one before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from trasos.files import sync, write_json
from trasos.landing.burial import erase_from_table
from trasos.landing.discovery import InboxFile
from trasos.landing.parquet import write_table
from trasos.landing.personal import Scrubber
from trasos.landing.reading import sha256_of
from trasos.landing.tombstones import Tombstones


def land_table(
    file: InboxFile,
    folder: Path,
    workshop: Path,
    loaded_at: datetime,
    scrubber: Scrubber,
    tombstones: Tombstones | None = None,
) -> int | None:
    """Replace ``<folder>/<entity>.parquet`` if the file's content is new, without personal data.

    Erased persons are left out, or their ids emptied.

    ``<entity>.json`` beside it says which content it is. That note is taken away before the table
    is replaced and put back after, so that a kill in between leads to another copy, never to a
    table that is taken for a newer one.

    A table with personal columns is replaced also where the key is another than it was, or where
    its note is so old that it does not tell.

    Returns:
        Number of rows, or None where this content is landed already.

    Raises:
        InputError: the file cannot be read as a table.
    """
    status = file.status()
    note = folder / f"{file.entity}.json"
    target = folder / f"{file.entity}.parquet"
    landed = _read_note(note) if target.exists() else {}
    mark = scrubber.pseudonyms.mark
    if landed.get("pseudonyms", "not told") not in (None, mark):
        landed = {}
    known = (landed.get("source_file"), landed.get("size"), landed.get("mtime_ns"))
    if known == (file.name, status.st_size, status.st_mtime_ns):
        return None
    digest = sha256_of(file.path)
    # The same bytes read as another format would be another table.
    if (landed.get("sha256"), landed.get("format")) == (digest, file.suffix):
        return None
    fresh = workshop / f"{file.entity}.parquet"
    rows, personal = write_table(file.path, file.suffix, fresh, scrubber)
    if tombstones and erase_from_table(fresh, file.entity, tombstones):
        rows = pq.read_metadata(fresh).num_rows
    sync(fresh)
    folder.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)
    fresh.replace(target)
    fresh_note = workshop / f"{file.entity}.json"
    write_json(
        fresh_note,
        {
            "source_file": file.name,
            "format": file.suffix,
            "size": status.st_size,
            "mtime_ns": status.st_mtime_ns,
            "sha256": digest,
            "rows": rows,
            "pseudonyms": mark if personal else None,
            "loaded_at": loaded_at.isoformat(),
        },
    )
    fresh_note.replace(note)
    sync(folder)
    return rows


def _read_note(path: Path) -> dict[str, Any]:
    try:
        note = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}  # no note: the table is copied again, which costs time and nothing else
    return note if isinstance(note, dict) else {}


def clashes(tables: tuple[InboxFile, ...]) -> dict[str, str]:
    """Find files that claim the same table; they would take turns in replacing each other.

    Returns:
        For each such file's name the reason to refuse it.
    """
    claims: dict[str, list[str]] = {}
    for file in tables:
        claims.setdefault(file.entity.lower(), []).append(file.name)
    return {
        name: f"{len(names)} files claim this table ({', '.join(names)}); leave one of them"
        for names in claims.values()
        if len(names) > 1
        for name in names
    }
