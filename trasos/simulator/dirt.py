"""What goes wrong between the device and the file, each kind counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from trasos.simulator.catalogue import Ints
from trasos.simulator.config import DAY_MS, SimulationConfig
from trasos.simulator.log import Kind
from trasos.simulator.people import Devices
from trasos.simulator.timing import MINUTE_MS, Timeline
from trasos.simulator.visits import Visits

HOUR_MS = 60 * MINUTE_MS


class Fate(IntEnum):
    """What becomes of a line of the inbox."""

    ACCEPTED = 0
    DUPLICATE = 1
    CUT_JSON = 2
    NOT_JSON = 3
    INVALID_UTF8 = 4
    NO_EVENT_ID = 5
    NO_VISITOR_ID = 6
    UNREADABLE_TIME = 7
    TIME_IN_FUTURE = 8
    UNKNOWN_EVENT_TYPE = 9
    NEGATIVE_PRICE = 10
    NEGATIVE_QUANTITY = 11
    ORDER_WITHOUT_ID = 12


MALFORMED = (Fate.CUT_JSON, Fate.NOT_JSON, Fate.INVALID_UTF8)
REJECTED = tuple(fate for fate in Fate if fate >= Fate.NO_EVENT_ID)


@dataclass(frozen=True)
class Lines:
    """Every line of the inbox, ordered by day of delivery and shuffled within it.

    Attributes:
        event: row of the timeline.
        fate: a ``Fate``.
        received_ms: server's clock on arrival.
        sent_ms: device's clock when sending.
        original_ms: device's clock when it happened.
        late: whether the line waited on an offline device.
        day: day of delivery, 0-based; the UTC day of ``received_ms``.
    """

    event: Ints
    fate: Ints
    received_ms: Ints
    sent_ms: Ints
    original_ms: Ints
    late: np.ndarray
    day: Ints

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.event)

    def counts(self, is_bot: np.ndarray) -> dict[str, object]:
        """Lines by what becomes of them; the parts add up to ``lines`` exactly.

        Args:
            is_bot: (timeline rows,) whether a bot made the event.
        """
        by_fate = np.bincount(self.fate, minlength=len(Fate))
        accepted = self.fate == Fate.ACCEPTED
        return {
            "lines": len(self),
            "accepted": int(by_fate[Fate.ACCEPTED]),
            "duplicates": int(by_fate[Fate.DUPLICATE]),
            "malformed": int(sum(by_fate[fate] for fate in MALFORMED)),
            "malformed_by_kind": {fate.name.lower(): int(by_fate[fate]) for fate in MALFORMED},
            "rejected": int(sum(by_fate[fate] for fate in REJECTED)),
            "rejected_by_reason": {fate.name.lower(): int(by_fate[fate]) for fate in REJECTED},
            "late_accepted": int((accepted & self.late).sum()),
            "bot_accepted": int((accepted & is_bot[self.event]).sum()),
        }


def spoil(config: SimulationConfig, visits: Visits, devices: Devices, timeline: Timeline) -> Lines:
    """Decide the fate and the three clock readings of every line.

    The true moment of any line is ``received - (sent - original)``. A wrong clock shifts the
    device's two readings alike; an offline device sends the rest of a session hours or days
    later; a repeated line keeps its message id. Only sound events are repeated, so that every
    line has exactly one fate.
    """
    rng = config.stream("dirt")
    rates = config.dirt
    log, at = timeline.log, timeline.at_ms
    n = len(log)
    fate = _fates(rng, config, log.kind)

    delay = rng.integers(40, 4_000, n)
    # An offline session's tail is held back, all of it for the same time.
    offline = rng.random(len(visits)) < rates.offline_sessions
    from_part = rng.random(len(visits))
    held = np.exp(rng.normal(np.log(10.0), 1.2, len(visits))).clip(1, 144) * HOUR_MS
    span = np.maximum(timeline.ended_ms - timeline.started_ms, 1)[log.session]
    part = (at - timeline.started_ms[log.session]) / span
    late = offline[log.session] & (part >= from_part[log.session])
    send_at = timeline.ended_ms[log.session] + held[log.session].astype(np.int64)
    delay = np.where(late, np.maximum(send_at - at, HOUR_MS) + delay, delay)
    received = np.minimum(at + delay, config.end_ms - 1)

    skew_of = np.where(
        rng.random(len(devices.visitor_ids)) < rates.skewed_devices,
        (rng.choice([-1, 1], len(devices.visitor_ids))
         * np.exp(rng.normal(np.log(20.0), 2.0, len(devices.visitor_ids))).clip(1, 4_000)
         * MINUTE_MS),
        0.0,
    ).astype(np.int64)  # fmt: skip
    skew = skew_of[visits.device[log.session]]
    ahead = rng.integers(25 * HOUR_MS, 96 * HOUR_MS, n)
    sent = received + skew
    original = at + skew
    future = fate == Fate.TIME_IN_FUTURE
    original[future] = (sent + ahead)[future]

    rows = np.arange(n)
    sound = fate == Fate.ACCEPTED
    nearby = rows[sound & (rng.random(n) < rates.duplicated_nearby)]
    later = rows[sound & (rng.random(n) < rates.duplicated_later)]
    wait = np.exp(rng.normal(np.log(14.0), 1.0, len(later))).clip(0.5, 120) * HOUR_MS
    again = np.minimum(received[later] + wait.astype(np.int64), config.end_ms - 1)

    event = np.concatenate([rows, nearby, later])
    all_received = np.concatenate([received, received[nearby], again])
    all_sent = np.concatenate([sent, sent[nearby], again + skew[later]])
    all_original = np.concatenate([original, original[nearby], original[later]])
    all_fate = np.concatenate([fate, np.full(len(nearby) + len(later), int(Fate.DUPLICATE))])
    day = (all_received - config.start_ms) // DAY_MS
    order = np.lexsort((rng.random(len(event)), day))
    return Lines(
        event=event[order],
        fate=all_fate[order],
        received_ms=all_received[order],
        sent_ms=all_sent[order],
        original_ms=all_original[order],
        late=late[event][order],
        day=day[order],
    )


def _fates(rng: np.random.Generator, config: SimulationConfig, kind: Ints) -> Ints:
    """One fate per event; what spoils a price, a quantity or an order hits only such events."""
    rates = config.dirt
    n = len(kind)
    fate = np.full(n, int(Fate.ACCEPTED))
    luck = rng.random(n)
    pick = rng.random(n)
    special = (
        (Kind.VIEWED, rates.negative_price, Fate.NEGATIVE_PRICE),
        (Kind.ADDED, rates.negative_quantity, Fate.NEGATIVE_QUANTITY),
        (Kind.ORDER, rates.orders_without_id, Fate.ORDER_WITHOUT_ID),
    )
    for which, rate, result in special:
        fate[(kind == which) & (rng.random(n) < rate)] = int(result)
    general = np.array([int(f) for f in REJECTED[:5]])
    broken = np.array([int(f) for f in MALFORMED])
    bad = luck < rates.malformed
    fate[bad] = broken[(pick[bad] * len(broken)).astype(np.int64)]
    lost = (luck >= rates.malformed) & (luck < rates.malformed + rates.rejected)
    reason = general[(pick[lost] * len(general)).astype(np.int64)]
    # Only track events carry a name that can be unknown.
    nameless = (reason == Fate.UNKNOWN_EVENT_TYPE) & np.isin(kind[lost], [Kind.PAGE, Kind.IDENTIFY])
    fate[lost] = np.where(nameless, int(Fate.NO_EVENT_ID), reason)
    return fate
