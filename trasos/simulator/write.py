"""Writing the inbox: event files by day of delivery, tables, pictures and the marker."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trasos.simulator.envelope import Envelope
from trasos.simulator.world import Progress, World

GZIP_LEVEL = 3


def write_gzip_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines into one gzip file whose bytes depend on the lines alone (no time, no name)."""
    buffer = io.BytesIO()
    with gzip.GzipFile(
        filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=GZIP_LEVEL
    ) as f:
        f.write(b"".join(line + b"\n" for line in lines))
    path.write_bytes(buffer.getvalue())


def write_events(world: World, folder: Path, progress: Progress) -> int:
    """Write ``YYYY-MM-DD/part-NNN.jsonl.gz`` below ``folder``; returns the number of files."""
    config = world.config
    envelope = Envelope(world)
    bounds = np.searchsorted(world.lines.day, np.arange(config.days + 1))
    files = 0
    for day in range(config.days):
        begin, end = int(bounds[day]), int(bounds[day + 1])
        home = folder / (config.start_date + timedelta(days=day)).isoformat()
        for part, first in enumerate(range(begin, end, config.lines_per_file)):
            home.mkdir(parents=True, exist_ok=True)
            chosen = np.arange(first, min(first + config.lines_per_file, end))
            write_gzip_lines(home / f"part-{part:03d}.jsonl.gz", envelope.lines(chosen))
            files += 1
        progress("event files", (day + 1) / config.days)
    return files


def write_tables(tables: dict[str, pa.Table], folder: Path) -> None:
    """Write each table as ``<name>.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
