"""Who the shop believes is on a device: logins, logouts, and devices of two people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.simulator.behaviour import Behaviour
from trasos.simulator.campaigns import CHANNEL_NAMES
from trasos.simulator.catalogue import Floats, Ints
from trasos.simulator.config import SimulationConfig
from trasos.simulator.log import LANDING, TILL, EventLog, Kind, events
from trasos.simulator.people import People
from trasos.simulator.visits import Visits

NEVER = np.inf


@dataclass(frozen=True)
class Identity:
    """What the tracker knows per session; arrays by session number.

    Attributes:
        before: person whose customer id events carry until the login, or -1.
        after: person whose customer id they carry from the login on, or -1.
        login_place: place of the login within the session; infinite where there is none.
    """

    before: Ints
    after: Ints
    login_place: Floats

    def logins(self) -> EventLog:
        """The identify events."""
        sessions = np.flatnonzero(np.isfinite(self.login_place))
        return events(sessions, self.login_place[sessions], Kind.IDENTIFY)

    def of(self, log: EventLog) -> Ints:
        """Per event the person whose customer id it carries, or -1."""
        later = log.place >= self.login_place[log.session]
        person: Ints = np.where(later, self.after[log.session], self.before[log.session])
        return person


def identify(
    config: SimulationConfig, people: People, visits: Visits, behaviour: Behaviour
) -> Identity:
    """Walk through the sessions of each device in order and keep who is logged in.

    People who identify do so now and then at the start of a session (oftener when an e-mail
    brought them), and always before they order. A login lasts over sessions until somebody logs
    out or another person logs in; meanwhile a guest on the device is taken for its owner, as in
    real shops.
    """
    rng = config.stream("identity")
    n = len(visits)
    from_email = visits.channel == CHANNEL_NAMES.index("email")
    can = people.identifies[visits.person]
    wants = (rng.random(n) < np.where(from_email, 0.35, 0.12)) & can & ~visits.is_bounce
    at_till = behaviour.has_order | (behaviour.has_checkout & can & (rng.random(n) < 0.6))
    leaves = rng.random(n) < 0.08
    before, after = np.full(n, -1), np.full(n, -1)
    place = np.full(n, NEVER)
    device_now, known = -1, -1
    columns = (visits.device, visits.person, wants, at_till, leaves)
    for k, (device, person, start, till, logout) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        if device != device_now:
            device_now, known = device, -1
        before[k] = known
        if known != person and (start or till):
            place[k] = LANDING + 2 if start else TILL + 2
            known = person
        after[k] = known
        if logout:
            known = -1
    return Identity(before, after, place)
