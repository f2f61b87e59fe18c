"""The same job in Polars: ``python -m bench.events.in_polars LANDED FOLDER ENGINE``.

ENGINE is ``in-memory`` or ``streaming``; what is written is described in rivals.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from bench.events.rivals import EVENT_TYPES


def sessions(landed: str) -> pl.LazyFrame:
    """Sessions of the landed events: visitor_id, started_at, ended_at, event_count."""
    moments = ("original_timestamp", "sent_at", "received_at")
    known = pl.read_csv(EVENT_TYPES)["event_type"].implode()
    events = (
        pl.scan_parquet(landed)
        .with_columns(pl.col(moments).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", strict=False))
        .select(
            "message_id",
            "_loaded_at",
            "_content_hash",
            visitor_id="anonymous_id",
            event_type=pl.when(pl.col("type") == "track")
            .then(pl.col("event").str.replace_all(" ", "_", literal=True).str.to_lowercase())
            .when(pl.col("type") == "page")
            .then(pl.lit("page_viewed"))
            .when(pl.col("type") == "identify")
            .then(pl.lit("identified")),
            event_at=pl.coalesce(
                pl.col("received_at") - (pl.col("sent_at") - pl.col("original_timestamp")),
                pl.col("original_timestamp"),
            ),
            received_at=pl.coalesce("received_at", "_loaded_at"),
        )
        .filter(
            pl.col("message_id").str.strip_chars() != "",
            pl.col("visitor_id").str.strip_chars() != "",
            pl.col("event_at") <= pl.col("received_at") + pl.duration(hours=24),
            pl.col("event_type").is_in(known),
        )
    )
    once = (
        events.sort("received_at", "_loaded_at", "_content_hash")
        .unique("message_id", keep="first")
        .select("visitor_id", "event_at")
        .sort("visitor_id", "event_at")
    )
    begins = (pl.col("visitor_id") != pl.col("visitor_id").shift()).fill_null(True) | (
        pl.col("event_at").diff() > pl.duration(minutes=30)
    )
    return (
        once.with_columns(session=begins.cum_sum())
        .group_by("session")
        .agg(
            visitor_id=pl.col("visitor_id").first(),
            started_at=pl.col("event_at").min(),
            ended_at=pl.col("event_at").max(),
            event_count=pl.len().cast(pl.Int64),
        )
        .drop("session")
    )


def main(landed: str, folder: Path, engine: str) -> None:
    """Write the two tables into a folder."""
    found = sessions(landed).collect(engine=engine)
    days = found.group_by(day=pl.col("started_at").dt.date()).agg(
        session_count=pl.len().cast(pl.Int64),
        event_count=pl.col("event_count").sum(),
        visitor_count=pl.col("visitor_id").n_unique().cast(pl.Int64),
    )
    found.write_parquet(folder / "sessions.parquet")
    days.write_parquet(folder / "days.parquet")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
