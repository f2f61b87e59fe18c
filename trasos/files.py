"""Files that must not be half there: locks, small JSON files, what is on the disk for certain."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from trasos.errors import NotReadyError


@contextmanager
def exclusive(lock_file: Path, work: str) -> Iterator[None]:
    """Hold a lock that one process at a time can hold.

    The system frees it when its holder ends, however it ends; the file itself stays.

    Args:
        lock_file: file to lock; made if it is not there.
        work: what is done under the lock, for the message: "landing into …".

    Raises:
        NotReadyError: another process holds the lock.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotReadyError(
                f"Another process is {work} (it holds {lock_file}). Wait until it has finished and "
                "call again; nothing is lost."
            ) from error
        yield


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a small JSON file and make sure it is on the disk."""
    with path.open("wb") as file:
        file.write(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    sync(path)


def sync(path: Path) -> None:
    """Make sure that a file's content, or a folder's list of entries, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
