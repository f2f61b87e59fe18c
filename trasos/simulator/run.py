"""Simulating a shop from end to end, once and only once per folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from trasos.errors import ConfigurationError
from trasos.simulator.config import SimulationConfig
from trasos.simulator.dirt import Fate
from trasos.simulator.images import write_images
from trasos.simulator.tables import build_tables
from trasos.simulator.truth import write_truth
from trasos.simulator.world import Progress, build_world
from trasos.simulator.write import write_events, write_tables

MARKER = "simulation.json"
STARTED = "simulation.json.part"
FOLDERS = ("events", "tables", "images")


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

    The marker ``simulation.json`` comes last: a folder that has it is whole. With the same
    configuration a second call changes nothing, and a call after a crash begins anew.

    Args:
        config: the shop.
        inbox: the shop's folder, such as ``inbox/shop``.
        truth: folder of the truth, such as ``truth/shop``.
        progress: called with what is being done and the share (0..1) that is done.
        overwrite: replace another or an unfinished simulation; files of other origin are never
            touched.

    Raises:
        ConfigurationError: the inbox holds something else.
    """
    tell: Progress = progress or (lambda _text, _share: None)
    marker, started = inbox / MARKER, inbox / STARTED
    if not overwrite and marker.exists():
        if marker.read_text(encoding="utf-8") == config.to_json():
            return SimulationSummary(inbox, truth, was_there=True)
        raise ConfigurationError(
            f"{inbox} holds a simulation with another configuration (see {MARKER} in it). "
            "Choose an empty folder, or allow overwriting."
        )
    _make_room(inbox, config, overwrite)
    started.write_text(config.to_json(), encoding="utf-8")

    world = build_world(config, lambda text, share: tell(text, share))
    tables = build_tables(world)
    write_tables(tables, inbox / "tables")
    if config.images:
        tell("pictures", 0.3)
        write_images(config, world.catalogue, inbox / "images")
    write_truth(world, truth)
    files = write_events(world, inbox / "events", lambda text, share: tell(text, 0.4 + 0.6 * share))
    started.replace(marker)
    tell("done", 1.0)
    return SimulationSummary(
        inbox=inbox,
        truth=truth,
        was_there=False,
        lines=len(world.lines),
        accepted=int((world.lines.fate == Fate.ACCEPTED).sum()),
        orders=tables["orders"].num_rows,
        customers=tables["customers"].num_rows,
        files=files,
    )


def _make_room(inbox: Path, config: SimulationConfig, overwrite: bool) -> None:
    """Make the inbox an empty folder, if nothing but a simulation is lost by that.

    Raises:
        ConfigurationError: it holds files that no simulation wrote, or what another configuration
            left unfinished and may not be overwritten.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    if not any(inbox.iterdir()):
        return
    if not (inbox / MARKER).exists() and not (inbox / STARTED).exists():
        raise ConfigurationError(
            f"{inbox} is not empty, and no simulation wrote what it holds. "
            "Choose an empty folder, or another source; overwriting does not help here."
        )
    started = inbox / STARTED
    same = started.exists() and started.read_text(encoding="utf-8") == config.to_json()
    if not overwrite and not same:
        raise ConfigurationError(
            f"{inbox} holds a simulation with another configuration that did not finish. "
            "Choose an empty folder, or allow overwriting."
        )
    for name in FOLDERS:
        if (inbox / name).exists():
            shutil.rmtree(inbox / name)
    for name in (MARKER, STARTED):
        (inbox / name).unlink(missing_ok=True)
