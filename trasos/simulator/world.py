"""Everything that happened in one simulated shop, before it is written down."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trasos.simulator.behaviour import Behaviour, behave
from trasos.simulator.bots import build_bots
from trasos.simulator.catalogue import Catalogue, Ints, build_catalogue
from trasos.simulator.config import SimulationConfig
from trasos.simulator.dirt import Lines, spoil
from trasos.simulator.identity import identify
from trasos.simulator.log import joined
from trasos.simulator.orders import Orders, build_orders
from trasos.simulator.people import Devices, People, build_devices, build_people, uuids
from trasos.simulator.shelves import Shelves, build_shelves
from trasos.simulator.timing import Timeline, lay_out
from trasos.simulator.visits import Visits, build_visits

Progress = Callable[[str, float], None]
"""Called with what is being done and the share (0..1) that is done."""


@dataclass(frozen=True)
class World:
    """One shop's period.

    Attributes:
        config: what it was made from.
        catalogue: products.
        people: people, without bots.
        devices: devices, the bots' last.
        visits: sessions, the bots' last.
        shelves: list views.
        behaviour: what people did.
        timeline: events with their moments.
        known: (events,) person whose customer id the event carries, or -1.
        orders: orders and their lines.
        lines: what the inbox will hold.
        message_ids: (events,) ids of the events.
        session_ids: (sessions,) true ids of the sessions.
    """

    config: SimulationConfig
    catalogue: Catalogue
    people: People
    devices: Devices
    visits: Visits
    shelves: Shelves
    behaviour: Behaviour
    timeline: Timeline
    known: Ints
    orders: Orders
    lines: Lines
    message_ids: list[str]
    session_ids: list[str]

    @property
    def is_bot(self) -> np.ndarray:
        """Per event whether a bot made it."""
        flags: np.ndarray = self.visits.person[self.timeline.log.session] < 0
        return flags


def build_world(config: SimulationConfig, progress: Progress | None = None) -> World:
    """Let the period happen, in memory."""
    tell = progress or (lambda _text, _share: None)
    tell("catalogue and people", 0.0)
    catalogue = build_catalogue(config)
    people = build_people(config, catalogue)
    devices = build_devices(config, people)
    tell("sessions", 0.05)
    human = build_visits(config, people, devices)
    shelves = build_shelves(config, catalogue, people, human)
    tell("clicks, carts and orders", 0.15)
    behaviour = behave(config, catalogue, people, human, shelves)
    identity = identify(config, people, human, behaviour)
    machines, crawling = build_bots(config, catalogue, devices, first_session=len(human))
    visits = Visits(
        **{
            f.name: np.concatenate([getattr(human, f.name), getattr(machines, f.name)])
            for f in dataclasses.fields(Visits)
        }
    )
    tell("moments", 0.22)
    log = joined([behaviour.log, identity.logins(), crawling])
    timeline = lay_out(config, visits, log)
    person_rows = timeline.log.session < len(human)
    known = np.full(len(timeline.log), -1)
    known[person_rows] = identity.of(timeline.log.take(person_rows))
    orders = build_orders(config, catalogue, visits, behaviour, timeline)
    lines = spoil(config, visits, devices, timeline)
    rng = config.stream("ids")
    return World(
        config, catalogue, people, devices, visits, shelves, behaviour, timeline, known,
        orders, lines, uuids(rng, len(timeline.log)),
        [f"s{k:08d}" for k in range(len(visits))],
    )  # fmt: skip
