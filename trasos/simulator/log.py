"""The event log in columns: one row an event, before it becomes a line of JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from trasos.simulator.catalogue import Floats, Ints


class Kind(IntEnum):
    """What happened; the order is of no meaning."""

    PAGE = 0
    IDENTIFY = 1
    LIST_VIEWED = 2
    CLICKED = 3
    VIEWED = 4
    SCROLLED = 5
    ADDED = 6
    REMOVED = 7
    CART_VIEWED = 8
    CHECKOUT = 9
    ORDER = 10
    EXPERIMENT = 11
    NPS = 12


EVENT_NAMES: dict[Kind, str] = {
    Kind.LIST_VIEWED: "Product List Viewed",
    Kind.CLICKED: "Product Clicked",
    Kind.VIEWED: "Product Viewed",
    Kind.SCROLLED: "Product Scrolled",
    Kind.ADDED: "Product Added",
    Kind.REMOVED: "Product Removed",
    Kind.CART_VIEWED: "Cart Viewed",
    Kind.CHECKOUT: "Checkout Started",
    Kind.ORDER: "Order Completed",
    Kind.EXPERIMENT: "Experiment Viewed",
    Kind.NPS: "NPS Answered",
}

# Where in a session things may happen: lists lie 10 apart from 10 on, the till comes last.
LANDING, LIST_STEP, TILL = 0.0, 10.0, 1e6


@dataclass(frozen=True)
class EventLog:
    """Events in columns, all of one length.

    Attributes:
        session: session number (index into ``Visits``).
        place: sort key within the session (see ``LANDING``, ``LIST_STEP``, ``TILL``).
        kind: a ``Kind``.
        product: product number, or -1.
        listing: list view number (index into ``Shelves``), or -1.
        position: 1-based position in the list, or 0.
        quantity: pieces, or 0.
        size: index of the product's size, or -1.
        depth: how far down the page was scrolled, 0..1.
        score: NPS answer, or -1.
    """

    session: Ints
    place: Floats
    kind: Ints
    product: Ints
    listing: Ints
    position: Ints
    quantity: Ints
    size: Ints
    depth: Floats
    score: Ints

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.session)

    def take(self, rows: Ints | np.ndarray) -> EventLog:
        """The chosen rows, in the order given."""
        return EventLog(**{f.name: getattr(self, f.name)[rows] for f in dataclasses.fields(self)})


def events(session: Ints, place: Floats | float, kind: Kind, **columns: Ints | Floats) -> EventLog:
    """Events of one kind; columns that are not given hold their "none"."""
    n = len(session)

    def column(name: str, nothing: float, dtype: type) -> np.ndarray:
        value = columns.get(name)
        return np.full(n, nothing, dtype=dtype) if value is None else value.astype(dtype)

    return EventLog(
        session=session.astype(np.int64),
        place=np.broadcast_to(np.asarray(place, dtype=np.float64), (n,)).copy(),
        kind=np.full(n, int(kind), dtype=np.int64),
        product=column("product", -1, np.int64),
        listing=column("listing", -1, np.int64),
        position=column("position", 0, np.int64),
        quantity=column("quantity", 0, np.int64),
        size=column("size", -1, np.int64),
        depth=column("depth", 0.0, np.float64),
        score=column("score", -1, np.int64),
    )


def joined(parts: list[EventLog]) -> EventLog:
    """All parts one after the other."""
    return EventLog(
        **{
            f.name: np.concatenate([getattr(part, f.name) for part in parts])
            for f in dataclasses.fields(EventLog)
        }
    )
