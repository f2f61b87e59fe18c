"""What the simulator drops, landing takes: the two must agree on what a line is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from trasos.landing import land
from trasos.settings import Settings
from trasos.simulator import simulate_bulk

from .conftest import Shop


@pytest.fixture(scope="module")
def landed(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(tmp_path_factory.mktemp("home"))
    shutil.copytree(shop.summary.inbox, settings.inbox / "shop")
    report = land("shop", settings)
    assert not report.refused
    assert len(report.batches) == shop.summary.files
    return settings.landing / "shop"


def test_malformed_lines_become_the_dead_letters(shop: Shop, landed: Path) -> None:
    dirt = shop.truth_json("dirt")
    letters = sum(
        pq.read_metadata(path).num_rows for path in landed.glob("events/*/*/dead_letters.parquet")
    )
    events = sum(
        pq.read_metadata(path).num_rows for path in landed.glob("events/*/*/events.parquet")
    )
    assert letters == dirt["malformed"]
    assert events == dirt["lines"] - dirt["malformed"]


def test_tables_arrive_whole_but_for_what_names_a_person(shop: Shop, landed: Path) -> None:
    for path in (shop.summary.inbox / "tables").glob("*.parquet"):
        sent, arrived = pq.read_table(path), pq.read_table(landed / "tables" / path.name)
        assert arrived.column_names == sent.column_names
        if path.stem == "customers":
            assert not set(arrived["email"].to_pylist()) & set(sent["email"].to_pylist())
            sent, arrived = sent.drop_columns(["email"]), arrived.drop_columns(["email"])
        assert arrived.to_pylist() == sent.to_pylist()


def test_bulk_batches_pass_for_landed_ones(tmp_path: Path, shop: Shop) -> None:
    settings = Settings(tmp_path)
    bulk = simulate_bulk(1_000, 2, settings.landing)
    day = next(iter(sorted((shop.summary.inbox / "events").iterdir())))
    shutil.copytree(day, settings.inbox / "shop" / "events" / day.name)
    report = land("shop", settings)
    assert [batch.events > 0 for batch in report.batches] == [True]
    assert len(list((bulk.landing / "events").glob("*/*/manifest.json"))) == 3
