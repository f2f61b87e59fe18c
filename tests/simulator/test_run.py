from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from trasos.errors import ConfigurationError
from trasos.simulator import DirtRates, SimulationConfig, simulate

from .conftest import SMALL, Shop

TINY = SimulationConfig(
    seed=2, people=20, days=4, products=40, declared_bots=0, undeclared_bots=1, image_size=16
)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_configuration_gives_the_same_bytes(shop: Shop, tmp_path: Path) -> None:
    again = simulate(SMALL, tmp_path / "inbox", tmp_path / "truth")
    assert contents(again.inbox) == contents(shop.summary.inbox)
    assert contents(again.truth) == contents(shop.summary.truth)


def test_another_seed_gives_other_events(shop: Shop, tmp_path: Path) -> None:
    config = dataclasses.replace(SMALL, seed=12, images=False)
    other = simulate(config, tmp_path / "inbox", tmp_path / "truth")
    before, after = contents(shop.summary.inbox), contents(other.inbox)
    shared = [name for name in after if name.endswith(".gz") and name in before]
    assert shared
    assert all(before[name] != after[name] for name in shared)


def test_second_call_changes_nothing_and_is_quick(tmp_path: Path) -> None:
    first = simulate(TINY, tmp_path / "inbox", tmp_path / "truth")
    before = {path: path.stat().st_mtime_ns for path in first.inbox.rglob("*")}
    began = time.perf_counter()
    second = simulate(TINY, tmp_path / "inbox", tmp_path / "truth")
    assert time.perf_counter() - began < 0.5
    assert second.was_there
    assert not first.was_there
    assert {path: path.stat().st_mtime_ns for path in first.inbox.rglob("*")} == before


def test_refuses_a_folder_of_another_simulation(tmp_path: Path) -> None:
    simulate(TINY, tmp_path / "inbox", tmp_path / "truth")
    other = dataclasses.replace(TINY, seed=3)
    with pytest.raises(ConfigurationError, match="another configuration"):
        simulate(other, tmp_path / "inbox", tmp_path / "truth")
    replaced = simulate(other, tmp_path / "inbox", tmp_path / "truth", overwrite=True)
    assert not replaced.was_there


def test_refuses_a_folder_with_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "notes.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(ConfigurationError, match="not empty"):
            simulate(TINY, tmp_path / "inbox", tmp_path / "truth", overwrite=overwrite)
    assert (tmp_path / "inbox" / "notes.txt").read_text() == "mine"


def test_an_interrupted_simulation_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    def stop(text: str, share: float) -> None:
        if text == "event files" and share > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(TINY, tmp_path / "inbox", tmp_path / "truth", stop)
    with pytest.raises(ConfigurationError, match="did not finish"):
        simulate(dataclasses.replace(TINY, seed=9), tmp_path / "inbox", tmp_path / "truth")
    whole = simulate(TINY, tmp_path / "inbox", tmp_path / "truth")
    assert not whole.was_there
    fresh = simulate(TINY, tmp_path / "other" / "inbox", tmp_path / "other" / "truth")
    assert contents(whole.inbox) == contents(fresh.inbox)


def test_progress_never_goes_back(tmp_path: Path) -> None:
    shares: list[float] = []
    simulate(
        TINY, tmp_path / "inbox", tmp_path / "truth", lambda _text, share: shares.append(share)
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_pictures_can_be_left_out(tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, images=False)
    summary = simulate(config, tmp_path / "inbox", tmp_path / "truth")
    assert not (summary.inbox / "images").exists()


def test_summary_counts_what_was_written(shop: Shop) -> None:
    assert shop.summary.lines == len(shop.lines)
    assert shop.summary.accepted == shop.truth("event_sessions").num_rows
    assert shop.summary.orders == shop.table("orders").num_rows
    assert shop.summary.customers == shop.table("customers").num_rows
    assert shop.summary.files == len(list(shop.summary.inbox.glob("events/*/*.gz")))


@pytest.mark.parametrize(
    "extreme",
    [
        {"people": 1, "days": 1, "products": 30},
        {"people": 2, "days": 1, "products": 30, "undeclared_bots": 0},
        {"list_length": 1, "taste_clusters": 1},
        {"dirt": DirtRates(0, 0, 0, 0, 0, 0, 0, 0, 0)},
        {"dirt": DirtRates(1, 1, 1, 1, 0.5, 0.5, 1, 1, 1)},
        {"shared_device_share": 1.0, "identifying_share": 1.0, "experiment_factor": 0.3},
        {"identifying_share": 0.0},
        {"experiment_start_share": 1.0, "lines_per_file": 50},
    ],
)
def test_extreme_shops_keep_their_books(tmp_path: Path, extreme: dict[str, Any]) -> None:
    config = dataclasses.replace(TINY, images=False, **extreme)
    summary = simulate(config, tmp_path / "inbox", tmp_path / "truth")
    dirt = orjson.loads((tmp_path / "truth" / "dirt.json").read_bytes())
    assert dirt["lines"] == summary.lines > 0
    assert dirt["lines"] == (
        dirt["accepted"] + dirt["duplicates"] + dirt["rejected"] + dirt["malformed"]
    )
