from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trasos.simulator import SimulationConfig, SimulationSummary, simulate
from trasos.simulator.world import World, build_world

SMALL = SimulationConfig(
    seed=11, people=250, days=40, products=120, declared_bots=1, undeclared_bots=1, image_size=32
)


@dataclass(frozen=True)
class Shop:
    """A simulation on disk, with its lines read back."""

    config: SimulationConfig
    summary: SimulationSummary
    lines: list[tuple[str, bytes]]

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.summary.inbox / "tables" / f"{name}.parquet")

    def truth(self, name: str) -> pa.Table:
        return pq.read_table(self.summary.truth / f"{name}.parquet")

    def truth_json(self, name: str) -> Any:
        return orjson.loads((self.summary.truth / f"{name}.json").read_bytes())


def read_lines(inbox: Path) -> list[tuple[str, bytes]]:
    """Every line with the day whose folder it lies in."""
    return [
        (path.parent.name, line)
        for path in sorted((inbox / "events").glob("*/part-*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).split(b"\n")[:-1]
    ]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    home = tmp_path_factory.mktemp("shop")
    summary = simulate(SMALL, home / "inbox", home / "truth")
    return Shop(SMALL, summary, read_lines(summary.inbox))


@pytest.fixture(scope="session")
def messages(shop: Shop) -> list[dict[str, Any]]:
    """The sound events, each once, by the rules of the event contract."""
    accepted = {row["message_id"] for row in shop.truth("event_sessions").to_pylist()}
    found: dict[str, dict[str, Any]] = {}
    for _day, line in shop.lines:
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        key = message.get("messageId")
        if key in accepted and (
            key not in found or message["receivedAt"] < found[key]["receivedAt"]
        ):
            found[key] = message
    return list(found.values())


@pytest.fixture(scope="session")
def world() -> World:
    """The demonstration's default shop, in memory only."""
    return build_world(SimulationConfig())
