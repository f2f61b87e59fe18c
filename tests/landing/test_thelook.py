"""Landing a real-sized flat folder that nobody made for Trasos."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from trasos.landing import land
from trasos.settings import Settings

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TRASOS_DATA") or ROOT.parent / "shared" / "data") / "thelook"


@pytest.mark.skipif(
    not (DATA / "events.parquet").exists(),
    reason="the thelook data are not here; set TRASOS_DATA to the folder that holds thelook/",
)
def test_thelook_lands_whole(settings: Settings) -> None:
    report = land("thelook", settings, inbox=DATA)
    assert report.refused == []
    assert report.events == 485_723
    assert [name for name, _ in report.tables] == [
        "distribution_centers",
        "inventory_items",
        "order_items",
        "orders",
        "products",
        "users",
    ]
    assert all(rows for _, rows in report.tables)
    found = duckdb.execute(
        f"""
        select
            count(*), approx_count_distinct(_content_hash) > 400_000,
            min(_line_number), max(_line_number)
        from '{settings.landing}/thelook/events/*/*/events.parquet'
        """
    ).fetchone()
    assert found == (485_723, True, 1, 485_723)
    again = land("thelook", settings, inbox=DATA)
    assert (len(again.already), again.batches, again.tables) == (7, [], [])
