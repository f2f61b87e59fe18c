"""Simulating a shop from end to end, once and only once per folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from trasos.errors import ConfigurationError
from trasos.simulator.config import SimulationConfig
from trasos.simulator.images import write_images
from trasos.simulator.tables import build_tables
from trasos.simulator.truth import write_truth
from trasos.simulator.world import Progress, build_world
from trasos.simulator.write import write_events, write_tables

MARKER = "simulation.json"


@dataclass(frozen=True)
class SimulationSummary:
    """What a simulation wrote, or found written.

    Attributes:
        inbox: folder of the shop's files.
        truth: folder of the truth.
        was_there: whether the folder already held this very simulation and nothing was done.
        lines: event lines; 0 where ``was_there``.
        accepted: sound and unique events among them.
        orders: orders.
        customers: people with an account.
        files: event files.
    """

    inbox: Path
    truth: Path
    was_there: bool
    lines: int = 0
    accepted: int = 0
    orders: int = 0
    customers: int = 0
    files: int = 0


def simulate(
    config: SimulationConfig,
    inbox: Path,
    truth: Path,
    progress: Progress | None = None,
    *,
    overwrite: bool = False,
) -> SimulationSummary:
    """Simulate a shop and write its inbox and the truth about it.

    The marker ``simulation.json`` is written last: a folder that has it is whole. With the same
    configuration a second call changes nothing.

    Args:
        config: the shop.
        inbox: the shop's folder, such as ``inbox/shop``.
        truth: folder of the truth, such as ``truth/shop``.
        progress: called with what is being done and the share (0..1) that is done.
        overwrite: empty both folders first.

    Raises:
        ConfigurationError: the inbox holds something else.
    """
    tell: Progress = progress or (lambda _text, _share: None)
    marker = inbox / MARKER
    if overwrite:
        for folder in (inbox, truth):
            if folder.exists():
                shutil.rmtree(folder)
    elif marker.exists():
        if marker.read_text(encoding="utf-8") == config.to_json():
            return SimulationSummary(inbox, truth, was_there=True)
        raise ConfigurationError(
            f"{inbox} holds a simulation with another configuration (see {MARKER} in it). "
            "Choose an empty folder, or allow overwriting."
        )
    elif inbox.exists() and any(inbox.iterdir()):
        raise ConfigurationError(
            f"{inbox} is not empty and holds no finished simulation. "
            "Choose an empty folder, or allow overwriting."
        )
    inbox.mkdir(parents=True, exist_ok=True)

    world = build_world(config, lambda text, share: tell(text, share))
    tables = build_tables(world)
    write_tables(tables, inbox / "tables")
    if config.images:
        tell("pictures", 0.3)
        write_images(config, world.catalogue, inbox / "images")
    dirt = write_truth(world, truth)
    files = write_events(world, inbox / "events", lambda text, share: tell(text, 0.4 + 0.6 * share))
    marker.write_text(config.to_json(), encoding="utf-8")
    tell("done", 1.0)
    lines, accepted = dirt["lines"], dirt["accepted"]
    assert isinstance(lines, int) and isinstance(accepted, int)
    return SimulationSummary(
        inbox, truth, False, lines, accepted,
        tables["orders"].num_rows, tables["customers"].num_rows, files,
    )  # fmt: skip
