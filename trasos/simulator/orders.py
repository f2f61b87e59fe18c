"""Orders as the shop's own tables hold them: to the cent, with returns and cancellations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.simulator.behaviour import Behaviour
from trasos.simulator.campaigns import CHANNEL_NAMES
from trasos.simulator.catalogue import Catalogue, Ints
from trasos.simulator.config import DAY_MS, SimulationConfig
from trasos.simulator.log import Kind
from trasos.simulator.timing import Timeline
from trasos.simulator.visits import Visits

TAX_PERCENT = 19
SHIPPING_CENTS = 495
FREE_SHIPPING_FROM_CENTS = 6_000
RETURN_SHARE = 0.26
CANCELLED_SHARE = 0.03


@dataclass(frozen=True)
class Orders:
    """Orders in the order of time, and their lines; all money in cents without tax.

    Attributes:
        session: (orders,) session number.
        ordered_ms: (orders,) moment, milliseconds since 1970 UTC.
        items: (orders,) sum of unit price x quantity.
        discount: (orders,) taken off the items.
        shipping: (orders,) charged for delivery.
        tax: (orders,) on items less discount, rounded half up.
        status: (orders,) one of completed, cancelled, returned, processing, shipped.
        line_order: (lines,) order number, ascending.
        line_product: (lines,) product number.
        line_quantity: (lines,) pieces.
        line_size: (lines,) index of the size.
        return_line: (returns,) line number.
        returned_ms: (returns,) moment.
        return_quantity: (returns,) pieces.
        refund: (returns,) money given back: price less the line's part of the discount.
        of_session: (sessions,) order number, or -1.
    """

    session: Ints
    ordered_ms: Ints
    items: Ints
    discount: Ints
    shipping: Ints
    tax: Ints
    status: list[str]
    line_order: Ints
    line_product: Ints
    line_quantity: Ints
    line_size: Ints
    return_line: Ints
    returned_ms: Ints
    return_quantity: Ints
    refund: Ints
    of_session: Ints

    def order_id(self, number: int) -> str:
        """The shop's number of an order."""
        return f"o{number + 1:07d}"


def build_orders(
    config: SimulationConfig,
    catalogue: Catalogue,
    visits: Visits,
    behaviour: Behaviour,
    timeline: Timeline,
) -> Orders:
    """Turn the carts of sessions that ordered into orders, and let some come back.

    A discount of ten per cent belongs to every third order that an e-mail brought and to every
    eighth other one. A return refunds what was paid for the piece, so that an order that comes
    back as a whole nets to exactly zero.
    """
    rng = config.stream("orders")
    rows = np.flatnonzero(timeline.log.kind == Kind.ORDER)
    rows = rows[np.lexsort((timeline.log.session[rows], timeline.at_ms[rows]))]
    session, ordered = timeline.log.session[rows], timeline.at_ms[rows]
    n = len(rows)
    of_session = np.full(len(visits), -1)
    of_session[session] = np.arange(n)

    cart = behaviour.cart[of_session[behaviour.cart[:, 0]] >= 0]
    line_order = of_session[cart[:, 0]]
    order = np.argsort(line_order, kind="stable")
    line_order, cart = line_order[order], cart[order]
    product, quantity = cart[:, 1], cart[:, 2]
    amount = catalogue.price_cents[product] * quantity
    items = np.bincount(line_order, weights=amount, minlength=n).astype(np.int64)

    by_email = visits.channel[session] == CHANNEL_NAMES.index("email")
    reduced = rng.random(n) < np.where(by_email, 0.34, 0.125)
    discount = np.where(reduced, (items + 5) // 10, 0)
    shipping = np.where(items - discount < FREE_SHIPPING_FROM_CENTS, SHIPPING_CENTS, 0)
    tax = ((items - discount) * TAX_PERCENT + 50) // 100

    age = config.end_ms - ordered
    cancelled = rng.random(n) < CANCELLED_SHARE
    share = _shares(discount, items, line_order, amount)
    back, returned_ms, pieces = _returns(rng, config, ordered, cancelled, line_order, quantity)
    refund = (amount[back] - share[back]) * pieces // np.maximum(quantity[back], 1)
    sent_back = np.bincount(line_order[back], weights=pieces, minlength=n)
    ordered_pieces = np.bincount(line_order, weights=quantity, minlength=n)
    whole = (sent_back == ordered_pieces) & (ordered_pieces > 0)
    status = np.select(
        [cancelled, whole, age < 2 * DAY_MS, age < 5 * DAY_MS],
        ["cancelled", "returned", "processing", "shipped"],
        "completed",
    )
    return Orders(
        session, ordered, items, discount, shipping, tax, status.tolist(),
        line_order, product, quantity, cart[:, 3],
        back, returned_ms, pieces, refund, of_session,
    )  # fmt: skip


def _shares(discount: Ints, items: Ints, line_order: Ints, amount: Ints) -> Ints:
    """Each line's part of its order's discount; the parts add up to it to the cent.

    Running sums rounded down and differenced: no line is off by more than a cent.
    """
    if not len(line_order):
        return np.zeros(0, dtype=np.int64)
    running = np.cumsum(amount)
    first = np.searchsorted(line_order, line_order)
    within = running - running[first] + amount[first]
    upto = within * discount[line_order] // items[line_order]
    before = (within - amount) * discount[line_order] // items[line_order]
    parts: Ints = upto - before
    return parts


def _returns(
    rng: np.random.Generator,
    config: SimulationConfig,
    ordered: Ints,
    cancelled: np.ndarray,
    line_order: Ints,
    quantity: Ints,
) -> tuple[Ints, Ints, Ints]:
    """Which lines come back, when (5 to 24 days after the order), and how many pieces."""
    n = len(line_order)
    moment = ordered[line_order] + rng.integers(5 * DAY_MS, 24 * DAY_MS, n)
    goes = rng.random(n) < RETURN_SHARE
    all_pieces = rng.random(n) < 0.7
    part = 1 + (rng.random(n) * quantity).astype(np.int64)
    pieces = np.where(all_pieces, quantity, np.minimum(part, quantity))
    back = np.flatnonzero(goes & ~cancelled[line_order] & (moment < config.end_ms))
    return back, moment[back], pieces[back]
