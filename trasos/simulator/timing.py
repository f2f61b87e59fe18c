"""The moments: gaps within sessions, and room between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.simulator.catalogue import Ints
from trasos.simulator.config import SimulationConfig
from trasos.simulator.log import EventLog, Kind
from trasos.simulator.visits import Visits

MINUTE_MS = 60_000
TIMEOUT_MS = 30 * MINUTE_MS
LONGEST_GAP_MS = 24 * MINUTE_MS
LONG_GAP_SHARE = 0.012

# Median and log-scale spread of the gap before an event, in seconds, by kind.
GAPS: dict[Kind, tuple[float, float]] = {
    Kind.PAGE: (26.0, 1.1),
    Kind.IDENTIFY: (18.0, 0.6),
    Kind.LIST_VIEWED: (3.0, 1.0),
    Kind.CLICKED: (14.0, 1.0),
    Kind.VIEWED: (1.2, 0.6),
    Kind.SCROLLED: (26.0, 1.0),
    Kind.ADDED: (20.0, 0.9),
    Kind.REMOVED: (12.0, 0.9),
    Kind.CART_VIEWED: (8.0, 0.9),
    Kind.CHECKOUT: (15.0, 0.8),
    Kind.ORDER: (95.0, 0.6),
    Kind.EXPERIMENT: (0.4, 0.5),
    Kind.NPS: (45.0, 0.6),
}


@dataclass(frozen=True)
class Timeline:
    """The log with its moments, ordered by session and time.

    Attributes:
        log: the events of sessions that fit into the period.
        at_ms: true moment of each event, milliseconds since 1970 UTC.
        gap_ms: time since the event before in the session.
        started_ms: (sessions,) moment of the first event.
        ended_ms: (sessions,) moment of the last event.
        kept: (sessions,) whether the session fits into the period at all.
        long_gap: (sessions,) whether it holds a pause above 30 minutes.
        close_return: (sessions,) whether it begins within 30 minutes of the device's last one.
    """

    log: EventLog
    at_ms: Ints
    gap_ms: Ints
    started_ms: Ints
    ended_ms: Ints
    kept: np.ndarray
    long_gap: np.ndarray
    close_return: np.ndarray


def lay_out(config: SimulationConfig, visits: Visits, log: EventLog) -> Timeline:
    """Give every event its moment.

    Gaps are log-normal by kind and stay below 24 minutes, except that about one session in a
    hundred holds one pause of 31 to 75 minutes. Sessions of a device keep more than 30 minutes
    apart, except that about one in a hundred follows the one before after 4 to 28 minutes.
    Sessions that would end after the period are dropped, as are all later ones of the device.
    """
    rng = config.stream("timing")
    log = log.take(np.lexsort((log.place, log.session)))
    n, count = len(visits), len(log)
    medians = np.array([GAPS[kind][0] for kind in Kind])[log.kind]
    spreads = np.array([GAPS[kind][1] for kind in Kind])[log.kind]
    gap = medians * np.exp(spreads * rng.standard_normal(count)) * 1_000
    is_bot = visits.person[log.session] < 0
    gap = np.where(is_bot, rng.uniform(250, 1_400, count), gap)
    gap = np.clip(gap, 50, LONGEST_GAP_MS).astype(np.int64)

    first = np.searchsorted(log.session, np.arange(n))
    length = np.diff(np.append(first, count))
    long_gap = (rng.random(n) < LONG_GAP_SHARE) & (length >= 4) & (visits.person >= 0)
    paused = np.flatnonzero(long_gap)
    where = first[paused] + 2 + (rng.random(len(paused)) * (length[paused] - 2)).astype(np.int64)
    gap[where] = rng.integers(31 * MINUTE_MS, 75 * MINUTE_MS, len(paused))
    occupied = length > 0
    gap[first[occupied]] = 0
    elapsed = np.cumsum(gap)
    offset = elapsed - elapsed[first[log.session]]
    last = np.maximum(first + length - 1, 0)
    duration = np.where(occupied, offset[np.minimum(last, count - 1)], 0)

    started, close = _room(rng, visits, duration, occupied)
    ended = started + duration
    kept = occupied & (ended < config.end_ms - MINUTE_MS)
    rows = kept[log.session]
    return Timeline(
        log=log.take(rows),
        at_ms=(started[log.session] + offset)[rows],
        gap_ms=gap[rows],
        started_ms=started,
        ended_ms=ended,
        kept=kept,
        long_gap=long_gap & kept,
        close_return=close & kept,
    )


def _room(
    rng: np.random.Generator, visits: Visits, duration: Ints, occupied: np.ndarray
) -> tuple[Ints, np.ndarray]:
    """Starts that keep the sessions of a device apart, and which ones come back early."""
    n = len(visits)
    pause = rng.integers(4 * MINUTE_MS, 28 * MINUTE_MS, n).tolist()
    room = (TIMEOUT_MS + MINUTE_MS + rng.exponential(40 * MINUTE_MS, n).astype(np.int64)).tolist()
    started = visits.start_ms.copy()
    close = np.zeros(n, dtype=bool)
    device_now, free_from = -1, 0
    rows = zip(
        visits.device.tolist(), visits.start_ms.tolist(), duration.tolist(),
        occupied.tolist(), visits.follows.tolist(), strict=True,
    )  # fmt: skip
    for k, (device, start, length, any_event, wish) in enumerate(rows):
        if not any_event:
            continue
        if device != device_now:
            device_now = device
        elif wish:
            start, close[k] = free_from + pause[k], True
        elif start < free_from + TIMEOUT_MS + MINUTE_MS:
            start = free_from + room[k]
        started[k] = start
        free_from = start + length
    return started, close
