"""Putting a folder in another's place, in one step where the system has one.

Linux exchanges two folders in one call. Elsewhere, and on file systems that cannot, it takes two
renames with a moment between in which there is none of the two; whoever was killed in that moment
is made good by ``recover``, which runs under the lock before anything else is done.

Either way a reader that lists files by a pattern in several steps, as DuckDB does, can meet the
switch between two steps and find a part: whoever calls this keeps readers out.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from pathlib import Path

from trasos.files import sync

#: Where the old folder waits between the two renames, outside every glob over landed files.
ASIDE = ".outgoing"

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def replace_day(fresh: Path, day: Path, landing: Path) -> None:
    """Let ``fresh`` and ``day`` take each other's place; what was ``day`` then lies at ``fresh``.

    Args:
        fresh: a whole load day, on the disk for certain, in the workshop.
        day: the folder ``<landing>/<source>/events/load_date=…`` that it replaces.
        landing: the landing folder, whose lock is held.
    """
    if not _exchange(fresh, day):
        aside = landing / ASIDE / f"{day.parents[1].name}@{day.name}"
        aside.parent.mkdir(exist_ok=True)
        day.rename(aside)
        fresh.rename(day)
        aside.rename(fresh)
        aside.parent.rmdir()
    sync(day.parent)
    sync(fresh.parent)


def recover(landing: Path) -> None:
    """Make good what a kill between two renames left; call under the lock, before all else."""
    aside = landing / ASIDE
    for old in sorted(aside.glob("*@*")):
        source, _, name = old.name.partition("@")
        day = landing / source / "events" / name
        if day.exists():
            shutil.rmtree(old)  # the new one was in its place already
        else:
            old.rename(day)
            sync(day.parent)
    if aside.exists():
        aside.rmdir()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at one instant; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if not rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))
