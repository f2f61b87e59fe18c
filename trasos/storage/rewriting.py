"""Writing a load day anew: aside first, proved, then into its place at once."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import orjson

from trasos.errors import InputError
from trasos.files import sync, write_json
from trasos.landing.columns import literal
from trasos.landing.ledger import MERGED, Manifest
from trasos.landing.switch import replace_day
from trasos.storage.days import EVENTS, LETTERS, LandedDay, LandedFolder
from trasos.storage.guard import no_build

#: What DuckDB may hold in memory; the rest goes to a file in the workshop.
MEMORY, THREADS = "1GB", 2
#: Rows of a row group: DuckDB's own default, what a scan skips or reads at a time.
GROUP_ROWS = 122_880

#: Makes the query for what stays, given the relation of what is there, in DuckDB's SQL.
Query = Callable[[str], str]
Group = Sequence[LandedFolder]

_SUMS = ("lines", "events", "dead_letters", "blank")
_REMOVED = ("retired_events", "retired_dead_letters")


def rewrite_day(
    day: LandedDay,
    workshop: Path,
    warehouse: Path,
    groups: Sequence[Group] | None = None,
    events: Query | None = None,
    letters: Query | None = None,
) -> int:
    """Write a load day anew, each group of folders as one, through queries where they are given.

    The day is written in the workshop and takes its place by ``replace_day``, while no build can
    run. A kill at any moment leaves the day as it was or as it shall be. Whatever becomes of the
    rows, the ledger knows the batches as before. What queries take away is counted in the
    manifests as ``retired_events`` and ``retired_dead_letters``.

    Rows keep their columns, types and order: those of a group follow one another in the order of
    loading. A folder of its own whose file no query touches keeps that very file.

    Args:
        day: as it lies there, read under the lock.
        workshop: what ``only_lander`` yields.
        warehouse: the file that builds write; ``Settings.warehouse``.
        groups: every folder of the day once; those of one group must have one schema. Each folder
            for itself if not given.
        events: what stays of the events; all of them if not given. It must keep the columns.
        letters: the same for dead letters.

    Returns:
        Bytes of the day as it lies there now.

    Raises:
        InputError: a file holds more or less than its manifest says, or a copy differs from what
            it was made of. Nothing was changed.
        NotReadyError: a build is running. Nothing was changed.
    """
    draft = workshop / f"{day.source}@{day.path.name}"
    draft.mkdir()
    with _database(workshop) as connection:
        for group in groups or [[folder] for folder in day.folders]:
            _Folder(connection, group).write(draft, events, letters)
    for path in (*draft.glob("*/*"), *draft.glob("*/"), draft):
        sync(path)
    size = sum(path.stat().st_size for path in draft.glob("*/*"))
    with no_build(warehouse):
        replace_day(draft, day.path, workshop.parent)
    shutil.rmtree(draft)
    return size


def files_of(folders: Iterable[LandedFolder], name: str) -> str:
    """The relation of one kind of file of some folders, in DuckDB's SQL."""
    paths = ", ".join(literal(glob.escape(str(folder.path / name))) for folder in folders)
    return f"read_parquet([{paths}], hive_partitioning = false)"


class _Folder:
    """One folder in the making."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, group: Group) -> None:
        self._connection, self._group = connection, group
        self._single = group[0] if len(group) == 1 else None

    def write(self, draft: Path, events: Query | None, letters: Query | None) -> None:
        manifest = self._manifest()
        target = draft / (self._single.path.name if self._single else self._name())
        target.mkdir()
        expected = sum(folder.events for folder in self._group)
        manifest["retired_events"] += self._write(target / EVENTS, events, expected)
        expected = sum(folder.letters for folder in self._group)
        manifest["retired_dead_letters"] += self._write(target / LETTERS, letters, expected)
        if self._single and not (self._single.path / MERGED).exists():
            pass  # one batch is described by its manifest alone
        elif self._single:
            _link(self._single.path / MERGED, target / MERGED)
        else:
            self._write_batches(target / MERGED)
        write_json(target / "manifest.json", manifest)

    def _name(self) -> str:
        known = sorted(batch_id for folder in self._group for batch_id in folder.batches)
        text = "\n".join(known).encode()
        return f"merged-{hashlib.md5(text, usedforsecurity=False).hexdigest()[:16]}"

    def _manifest(self) -> Manifest:
        removed = {
            name: sum(int(folder.manifest.get(name, 0)) for folder in self._group)
            for name in _REMOVED
        }
        if self._single:
            return {**self._single.manifest, **removed}
        reasons: Counter[str] = Counter()
        for folder in self._group:
            reasons.update(folder.manifest["dead_letters_by_reason"])
        return {
            "merged": sum(len(folder.batches) for folder in self._group),
            **{name: sum(one.manifest[name] for one in self._group) for name in _SUMS},
            "dead_letters_by_reason": dict(reasons),
            **removed,
            "loaded_at": max(folder.last for folder in self._group).isoformat(),
        }

    def _write_batches(self, target: Path) -> None:
        with target.open("wb") as file:
            for folder in self._group:
                for batch_id, manifest in folder.batches.items():
                    file.write(orjson.dumps({"batch_id": batch_id, **manifest}) + b"\n")

    def _write(self, target: Path, query: Query | None, expected: int) -> int:
        """Write one kind of file; returns the number of rows that the query took away."""
        if self._single and query is None:
            _link(self._single.path / target.name, target)
            return 0
        before = files_of(self._group, target.name)
        after = f"read_parquet({literal(glob.escape(str(target)))}, hive_partitioning = false)"
        try:
            rows, content = self._print(before, query is None)
            if rows != expected:
                raise InputError(
                    f"{target.name} of {self._names()} holds {rows:,} rows, where landing counted "
                    f"{expected:,}. Nothing was changed. Restore it; or remove its folder and land "
                    "its file again, if that still lies in the inbox."
                )
            shape = self._connection.execute(f"describe from {before}").fetchall()
            self._connection.execute(
                f"copy ({query(before) if query else f'from {before}'}) "
                f"to {literal(str(target))} "
                f"(format parquet, compression zstd, row_group_size {GROUP_ROWS})"
            )
            left, copied = self._print(after, query is None)
            same_shape = shape == self._connection.execute(f"describe from {after}").fetchall()
        except duckdb.Error as error:
            raise InputError(
                f"{target.name} of {self._names()} cannot be written anew: {error} Nothing was "
                "changed. Look at the file and at the space on the disk."
            ) from error
        if not same_shape or (query is None and (rows, content) != (left, copied)):
            raise InputError(
                f"The copy of {target.name} of {self._names()} differs from it. Nothing was "
                "changed. Try again; if it happens again, check the disk, and report the columns "
                f"{[column[:2] for column in shape]}."
            )
        return rows - left

    def _print(self, relation: str, whole: bool) -> tuple[int, Any]:
        """Count the rows and, where they are to be compared as a whole, sum up their hashes."""
        content = "coalesce(sum(hash(_whole_row_)), 0)" if whole else "0"
        # The alias stands for the whole row, as long as no column bears the same name.
        row = self._connection.execute(
            f"select count(*), {content} from {relation} as _whole_row_"
        ).fetchone()
        assert row is not None  # an aggregate always answers
        return int(row[0]), row[1]

    def _names(self) -> str:
        first, *others = (str(folder.path) for folder in self._group)
        return f"{first} and {len(others)} more" if others else first


def _database(workshop: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(workshop / ".spill"),
        }
    )


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or a copy where the file system knows no second names."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK):
            raise
        shutil.copy2(source, target)
