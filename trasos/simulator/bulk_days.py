"""The numbers behind bulk events, one day at a time: plain arrays, no text.

The bulk shop is coarser than the simulated one: its people follow no path of lists and clicks,
but it has what costs time in a pipeline - skewed visitors and products, sessions of realistic
length, logins, orders, repeats, late arrivals and rejects - at a price of about a microsecond
an event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from trasos.simulator.catalogue import Ints
from trasos.simulator.config import DAY_MS
from trasos.simulator.log import Kind
from trasos.simulator.visits import HOUR

EVENTS_PER_SESSION = 9.0
ORDER_SHARE = 0.03
LATE_SHARE = 0.02
REPEATED_SHARE = 0.01
REJECTED_SHARE = 0.001
LONGEST_DELAY_DAYS = 3
LIST_LIBRARY = 2_000
CONTEXT_LIBRARY = 120

# Shares of what happens between a session's landing and its end.
BROWSING = {
    Kind.PAGE: 0.14,
    Kind.LIST_VIEWED: 0.24,
    Kind.CLICKED: 0.19,
    Kind.VIEWED: 0.26,
    Kind.SCROLLED: 0.14,
    Kind.ADDED: 0.03,
}


class Flaw(IntEnum):
    """Why an event is rejected; 0 is sound."""

    NONE = 0
    NO_EVENT_ID = 1
    UNREADABLE_TIME = 2
    UNKNOWN_EVENT_TYPE = 3
    NO_VISITOR_ID = 4


@dataclass
class BulkOrders:
    """Orders so far, one array a day and column; every order has one line of one piece."""

    customer: list[Ints] = field(default_factory=list)
    ordered_ms: list[Ints] = field(default_factory=list)
    product: list[Ints] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True)
class BulkShop:
    """Sizes of a bulk shop.

    Attributes:
        seed: any integer from 0 up.
        sessions_per_day: sessions that begin on each day.
        start_ms: first moment of the first day, milliseconds since 1970 UTC.
        visitors: devices that may come.
        products: products in the catalogue.
    """

    seed: int
    sessions_per_day: int
    start_ms: int
    visitors: int
    products: int

    def price_cents(self, product: Ints) -> Ints:
        """Price of products without tax, 19.95 to 138.95."""
        return 1_995 + product * 7_919 % 120 * 100


Columns = dict[str, np.ndarray]


def mixed(values: Ints, salt: int) -> np.ndarray:
    """Well-spread 64-bit numbers from plain ones (splitmix64; Steele, Lea and Flood 2014).

    DuckDB's own ``hash`` is promised to no version, hence this one.
    """
    with np.errstate(over="ignore"):
        x = values.astype(np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        spread: np.ndarray = x ^ (x >> np.uint64(31))
    return spread


def customer_of(visitor: Ints) -> Ints:
    """Customer number of a device that is ever known; two devices share one, four in ten are."""
    number: Ints = visitor // 10 * 2 + visitor % 10 // 2
    return number


def sessions_of_day(shop: BulkShop, day: int, orders: BulkOrders) -> tuple[Columns, Ints]:
    """All events of the sessions that begin on one day.

    Args:
        shop: its sizes.
        day: 0-based day.
        orders: takes the day's orders.

    Returns:
        Columns by name, all of one length, and the days (0 to 3) each event's delivery is late.
    """
    rng = np.random.default_rng(np.random.SeedSequence(shop.seed, spawn_key=(day,)))
    n = shop.sessions_per_day
    visitor = (shop.visitors * rng.random(n) ** 1.8).astype(np.int64)
    known = visitor % 10 < 4
    length = 1 + rng.geometric(1 / (EVENTS_PER_SESSION - 1), n)
    has_order = known & (rng.random(n) < ORDER_SHARE / 0.4)
    length[has_order] = np.maximum(length[has_order], 6)
    logs_in = known & (has_order | (rng.random(n) < 0.2)) & (visitor % 10 >= 2)
    hour = rng.choice(24, n, p=HOUR / HOUR.sum())
    start = shop.start_ms + day * DAY_MS + hour * 3_600_000 + rng.integers(0, 3_600_000, n)

    session = np.repeat(np.arange(n), length)
    total = len(session)
    first = np.cumsum(length) - length
    step = np.arange(total) - first[session]
    left = length[session] - 1 - step
    kind = rng.choice([int(k) for k in BROWSING], total, p=list(BROWSING.values()))
    kind[step == 0] = Kind.PAGE
    buying = has_order[session]
    for distance, what in enumerate((Kind.ORDER, Kind.CHECKOUT, Kind.CART_VIEWED, Kind.ADDED)):
        kind[buying & (left == distance)] = what
    kind[logs_in[session] & (step == 1) & (left > 0)] = Kind.IDENTIFY

    gap = np.clip(rng.exponential(24_000, total), 100, 1_400_000).astype(np.int64)
    gap[first] = 0
    elapsed = np.cumsum(gap)
    at = start[session] + elapsed - elapsed[first[session]]

    product = _products(rng, shop, visitor[session])
    bought = product[first + np.where(has_order, length - 4, 0)]
    product = np.where(buying & (left < 4), bought[session], product)
    always = (visitor % 10 < 2)[session]
    is_known = always | (logs_in[session] & (step >= 1))
    order_no = np.full(total, -1)
    rows = np.flatnonzero(kind == Kind.ORDER)
    order_no[rows] = orders.count + np.arange(len(rows))
    orders.count += len(rows)
    orders.customer.append(customer_of(visitor[session[rows]]))
    orders.ordered_ms.append(at[rows])
    orders.product.append(product[rows])

    # A late session sends its second half one to three days later.
    late_by = np.where(rng.random(n) < LATE_SHARE, rng.integers(1, LONGEST_DELAY_DAYS + 1, n), 0)
    late = np.where(step * 2 >= length[session], late_by[session], 0)
    received = at + late * DAY_MS + rng.integers(40, 4_000, total)
    skew = np.where(mixed(visitor, 5) % np.uint64(16) == 0, 240_000, 0)[session]
    flaw = np.where(
        (rng.random(total) < REJECTED_SHARE) & (order_no < 0), rng.integers(1, 5, total), 0
    )
    columns: Columns = {
        "id_high": rng.integers(0, 2**63, total, dtype=np.uint64),
        "id_low": rng.integers(0, 2**63, total, dtype=np.uint64),
        "kind": kind.astype(np.int32),
        "visitor": visitor[session],
        "visitor_high": mixed(visitor, 1)[session],
        "visitor_low": mixed(visitor, 2)[session],
        "customer": np.where(is_known, customer_of(visitor[session]), -1),
        "original_ms": at + skew,
        "sent_ms": received + skew,
        "received_ms": received,
        "product": product,
        "price_cents": shop.price_cents(product),
        "position": rng.integers(1, 13, total),
        "listing": rng.integers(0, LIST_LIBRARY, total),
        # The landing alone carries a campaign: the second half of the library has them.
        "context": (visitor[session] % 60) + 60 * ((step == 0) & (session % 5 < 2)),
        "cart": session + day * n,
        "order_no": order_no,
        "flaw": flaw,
    }
    return _with_repeats(rng, columns, late, shop, day)


def _products(rng: np.random.Generator, shop: BulkShop, visitor: Ints) -> Ints:
    """Products by popularity; seven in ten from the sixteenth that the visitor prefers."""
    total = len(visitor)
    block = shop.products // 16
    rank = rng.random(total) ** 2.2
    taste = visitor % 16 * block + (rank * block).astype(np.int64)
    chosen: Ints = np.where(rng.random(total) < 0.7, taste, (rank * shop.products).astype(np.int64))
    return chosen


def _with_repeats(
    rng: np.random.Generator, columns: Columns, late: Ints, shop: BulkShop, day: int
) -> tuple[Columns, Ints]:
    """Some events once more: a few seconds later, or with the next day's delivery."""
    sound = columns["flaw"] == Flaw.NONE
    again = np.flatnonzero(sound & (rng.random(len(late)) < REPEATED_SHARE))
    tomorrow = rng.random(len(again)) < 0.3
    wait = np.where(tomorrow, DAY_MS, rng.integers(1_000, 60_000, len(again)))
    repeated = {name: values[again] for name, values in columns.items()}
    repeated["received_ms"] = repeated["received_ms"] + wait
    repeated["sent_ms"] = repeated["sent_ms"] + wait
    both = {name: np.concatenate([columns[name], repeated[name]]) for name in columns}
    # The day of delivery follows the server's clock; sessions over midnight spill by themselves.
    delivered = (both["received_ms"] - shop.start_ms) // DAY_MS - day
    return both, delivered
