"""When people visit: weekday and hour, the device, and the way they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from trasos.simulator.campaigns import CHANNELS, draw_campaigns
from trasos.simulator.catalogue import Ints
from trasos.simulator.config import DAY_MS, SimulationConfig
from trasos.simulator.people import Devices, People

# Share of a week's visits by weekday (Monday first) and of a day's visits by hour (UTC):
# evenings and Sundays are strong in fashion.
WEEKDAY = np.array([1.05, 0.98, 0.95, 0.97, 0.92, 0.98, 1.20])
CLOSE_RETURN_SHARE = 0.012
HOUR = np.array(
    [1.0, 0.5, 0.3, 0.2, 0.2, 0.5, 1.2, 2.2, 3.0, 3.6, 4.2, 4.8,
     5.2, 5.0, 4.8, 4.8, 5.2, 5.8, 7.0, 8.6, 9.2, 7.6, 4.8, 2.4]
)  # fmt: skip


@dataclass(frozen=True)
class Visits:
    """All true sessions, ordered by device and then by intended start; arrays by session number.

    Attributes:
        person: person number; bots have -1.
        device: device number.
        start_ms: intended start; ``timing`` moves it so that sessions of a device do not collide.
        channel: index into ``CHANNELS``.
        campaign: index into ``CAMPAIGNS``, or -1.
        is_bounce: whether the visit ends on its landing page.
        is_first: whether it is the person's first session.
        follows: whether it comes within 30 minutes of the session before on the device.
    """

    person: Ints
    device: Ints
    start_ms: Ints
    channel: Ints
    campaign: Ints
    is_bounce: np.ndarray
    is_first: np.ndarray
    follows: np.ndarray

    def __len__(self) -> int:
        """How many sessions there are."""
        return len(self.person)

    def days(self, config: SimulationConfig) -> Ints:
        """Day of the period, 0-based, on which each session starts."""
        days: Ints = np.clip((self.start_ms - config.start_ms) // DAY_MS, 0, config.days - 1)
        return days


def build_visits(config: SimulationConfig, people: People, devices: Devices) -> Visits:
    """Draw the sessions of people: a Poisson number each, spread over the days they are active.

    A person's first session follows the acquisition shares of the channels, later ones the
    returning shares; only people who identify get e-mails.
    """
    rng = config.stream("visits")
    weights = np.array(
        [WEEKDAY[(config.start_date + timedelta(days=k)).weekday()] for k in range(config.days)]
    )
    before = np.concatenate([[0.0], np.cumsum(weights)])
    low, high = before[people.first_day], before[people.last_day + 1]
    counts = np.maximum(rng.poisson(people.rate * (high - low)), 1)
    person = np.repeat(np.arange(len(people)), counts)
    total = len(person)

    point = low[person] + rng.random(total) * (high - low)[person]
    day = np.clip(np.searchsorted(before, point, side="right") - 1, 0, config.days - 1)
    hour = rng.choice(24, total, p=HOUR / HOUR.sum())
    start = config.start_ms + day * DAY_MS + hour * 3_600_000 + rng.integers(0, 3_600_000, total)

    # Two thirds of the visits use the person's first device; some use somebody else's.
    own = devices.first_of[person + 1] - devices.first_of[person]
    device = devices.first_of[person] + np.where(
        rng.random(total) < 0.65, 0, rng.integers(0, own, total)
    )
    borrows = (devices.borrowed[person] >= 0) & (rng.random(total) < 0.3)
    device = np.where(borrows, devices.borrowed[person], device)

    order = np.lexsort((start, device))
    person, device, start, day = person[order], device[order], start[order], day[order]
    # Some visits are a quick return: they move up to right behind the one before.
    follows = (rng.random(total) < CLOSE_RETURN_SHARE) & (device == np.roll(device, 1))
    follows[0] = False
    follows[1:] &= ~follows[:-1]
    after = np.flatnonzero(follows)
    start[after], day[after] = start[after - 1] + 1, day[after - 1]

    by_person = np.lexsort((start, person))
    is_first = np.zeros(total, dtype=bool)
    sorted_person = person[by_person]
    is_first[by_person] = np.concatenate([[True], sorted_person[1:] != sorted_person[:-1]])
    channel = np.where(
        is_first,
        rng.choice(len(CHANNELS), total, p=[c.acquisition for c in CHANNELS]),
        rng.choice(len(CHANNELS), total, p=[c.returning for c in CHANNELS]),
    )
    names = [c.name for c in CHANNELS]
    unreachable = (channel == names.index("email")) & ~people.identifies[person]
    channel[unreachable] = names.index("direct")

    return Visits(
        person=person,
        device=device,
        start_ms=start,
        channel=channel,
        campaign=draw_campaigns(rng, channel, day, config.days),
        is_bounce=rng.random(total) < 0.27,
        is_first=is_first,
        follows=follows,
    )
