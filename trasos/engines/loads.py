"""A shop's inbox spread over several loads: events late, shuffled and doubled."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

#: One row in so many of a Parquet file of events comes a second time, with a later load.
_DOUBLED_ONE_IN = 50


def spread(inbox: Path, into: Path, loads: int, seed: int = 4) -> Iterator[int]:
    """Fill an inbox load by load; land between two steps of the iteration.

    Tables come whole with the first load. Files of events are shuffled, so that early events come
    late; a single Parquet file of events is cut by row, and some of its rows come twice. The events
    of one file come again in the last load, in a file of another name.

    Args:
        inbox: a source's inbox, with ``events`` below it or as one Parquet file, and tables.
        into: the inbox to fill.
        loads: how many.
        seed: of the shuffle.

    Yields:
        The number of the load that is there now, from 1.
    """
    cut = inbox / "events.parquet"
    files = [file for file in sorted((inbox / "events").rglob("*")) if file.is_file()]
    random.Random(seed).shuffle(files)
    for file in sorted(inbox.rglob("*")):
        if file.is_file() and file not in files and file != cut:
            _copy(file, into / file.relative_to(inbox))
    for load in range(loads):
        if cut.exists():
            _cut_out(cut, into / f"events/part_{load}.parquet", load, loads)
        for file in files[load::loads]:
            _copy(file, into / file.relative_to(inbox))
        if files and load == loads - 1 and loads > 1:
            again = files[0]
            _copy(again, (into / again.relative_to(inbox)).with_name(f"again_{again.name}"))
        yield load + 1


def _cut_out(file: Path, part: Path, load: int, loads: int) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"""
            copy (
                select * from read_parquet($file)
                where id % {loads} = {load}
                or id % {_DOUBLED_ONE_IN} = 0 and (id // {_DOUBLED_ONE_IN} + 1) % {loads} = {load}
                order by id
            ) to '{part}' (format parquet)
            """,
            {"file": str(file)},
        )


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)
