"""Millions of events straight into the landing folder, for benchmarks."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trasos.errors import ConfigurationError
from trasos.landing.schema import DEAD_LETTERS
from trasos.simulator.bulk_days import (
    EVENTS_PER_SESSION,
    REPEATED_SHARE,
    BulkOrders,
    BulkShop,
    Columns,
    sessions_of_day,
)
from trasos.simulator.bulk_tables import write_bulk_tables
from trasos.simulator.bulk_text import context_library, events_query, list_library
from trasos.simulator.world import Progress

FEWEST_EVENTS = 1_000


@dataclass(frozen=True)
class BulkSummary:
    """What a bulk simulation wrote.

    Attributes:
        landing: folder of the source below the landing folder.
        events: rows in all event files, repeats and rejects included.
        orders: rows of the order table.
        files: event files, one a day.
    """

    landing: Path
    events: int
    orders: int
    files: int


def simulate_bulk(
    events: int,
    days: int,
    landing: Path,
    seed: int = 20260630,
    *,
    end_date: date = date(2026, 6, 30),
    source: str = "shop",
    threads: int = 2,
    memory_limit: str = "2GB",
    progress: Progress | None = None,
) -> BulkSummary:
    """Write about ``events`` events of ``days`` days as landed Parquet, with the shop's tables.

    One file a load day lies at ``<landing>/<source>/events/load_date=YYYY-MM-DD/<batch_id>/``
    with an empty ``dead_letters.parquet`` and a manifest, as ``trasos land`` would leave it; the
    day of loading is the day of delivery, at 23:59:59 UTC. Events that would be delivered after
    the last day come with it. One day's numbers are held in memory at a time (about 300 bytes an
    event); numpy draws them and DuckDB turns them into text.

    Args:
        events: events in all, at least 1,000; met within a few per cent.
        days: days, at least 1.
        landing: the landing folder of a home, such as ``Settings.landing``.
        seed: any integer from 0 up; the same arguments give the same rows.
        end_date: last day.
        source: name of the source.
        threads: threads of DuckDB; the rows do not depend on it.
        memory_limit: memory of DuckDB, in its own notation.
        progress: called with what is being done and the share (0..1) that is done.

    Raises:
        ConfigurationError: a number is too small, or the source's landing folder is not empty.
    """
    if events < FEWEST_EVENTS or days < 1 or seed < 0 or threads < 1:
        raise ConfigurationError(
            f"bulk simulation: {events} events, {days} days, seed {seed}, {threads} threads; give "
            f"at least {FEWEST_EVENTS} events, 1 day, 1 thread and a seed from 0 up."
        )
    home = landing / source
    if home.exists() and any(home.iterdir()):
        raise ConfigurationError(
            f"{home} is not empty. Bulk events go into a landing folder of their own: "
            "choose another home or source, or remove that folder."
        )
    tell: Progress = progress or (lambda _text, _share: None)
    start = end_date - timedelta(days=days - 1)
    shop = BulkShop(
        seed=seed,
        sessions_per_day=max(
            math.ceil(events / days / (EVENTS_PER_SESSION * (1 + REPEATED_SHARE))), 1
        ),
        start_ms=(start - date(1970, 1, 1)).days * 86_400_000,
        visitors=max(events // 40, 50),
        products=max(min(events // 2_000, 50_000), 160),
    )
    orders = BulkOrders()
    waiting: list[tuple[int, Columns]] = []
    written = 0
    with duckdb.connect(config={"threads": threads, "memory_limit": memory_limit}) as connection:
        connection.register("contexts", context_library())
        connection.register("lists", list_library(shop.products, seed))
        for day in range(days):
            columns, delivered = sessions_of_day(shop, day, orders)
            delivered = np.minimum(delivered + day, days - 1)
            for other in np.unique(delivered).tolist():
                chosen = delivered == other
                waiting.append((other, {k: values[chosen] for k, values in columns.items()}))
            due = [part for other, part in waiting if other == day]
            waiting = [(other, part) for other, part in waiting if other != day]
            batch = {name: np.concatenate([part[name] for part in due]) for name in columns}
            written += _write_day(connection, home, start + timedelta(days=day), batch)
            tell("bulk days", (day + 1) / days)
    write_bulk_tables(shop, orders, home / "tables", start, days)
    return BulkSummary(home, written, orders.count, days)


def _write_day(connection: duckdb.DuckDBPyConnection, home: Path, day: date, batch: Columns) -> int:
    """Write one load day's files; returns the number of its events."""
    batch_id = f"bulk{day:%Y%m%d}"
    folder = home / "events" / f"load_date={day.isoformat()}" / batch_id
    folder.mkdir(parents=True)
    order = np.lexsort((batch["id_low"], batch["received_ms"]))
    count = len(order)
    rows = pa.table(
        {name: pa.array(values[order]) for name, values in batch.items()}
        | {"line": pa.array(np.arange(1, count + 1))}
    )
    loaded_at = datetime.combine(day, time(23, 59, 59))
    source_file = f"events/{day.isoformat()}/part-000.jsonl.gz"
    connection.register("numbers", rows)
    target = str(folder / "events.parquet").replace("'", "''")
    connection.execute(
        f"copy ({events_query()}) to '{target}' "
        "(format parquet, compression zstd, compression_level 1, dictionary_size_limit 4000)",
        {"source_file": source_file, "batch_id": batch_id, "loaded_at": loaded_at},
    )
    connection.unregister("numbers")
    pq.write_table(DEAD_LETTERS.empty_table(), folder / "dead_letters.parquet")
    manifest = {
        "source_file": source_file,
        "size": (folder / "events.parquet").stat().st_size,
        "mtime_ns": 0,
        "sha256": "",
        "lines": count,
        "events": count,
        "dead_letters": 0,
        "dead_letters_by_reason": {},
        "blank": 0,
        "loaded_at": loaded_at.isoformat(),
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return count
