"""From a row of the event log to one line of the inbox, in the envelope of the Segment spec.

Names and shapes follow https://segment.com/docs/connections/spec/ecommerce/v2/ and the common
fields of https://segment.com/docs/connections/spec/common/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from trasos.simulator.campaigns import CAMPAIGNS, CHANNELS
from trasos.simulator.catalogue import Ints
from trasos.simulator.dirt import Fate
from trasos.simulator.log import EVENT_NAMES, Kind
from trasos.simulator.people import ARMS, DEVICE_TYPES
from trasos.simulator.shelves import LISTS
from trasos.simulator.vocabulary import BRANDS, CATEGORIES, COUNTRIES, DEPARTMENTS
from trasos.simulator.world import World

SHOP = "https://shop.example"
UNREADABLE = ("", "yesterday", "2026-13-45T99:00:00.000Z", "0000-00-00")
UNKNOWN_NAMES = ("Prodcut Viewed", "Page Ping", "product_viewed_v0")


def customer_email(customer_id: str) -> str:
    """A customer's address, in the domain reserved for examples (RFC 2606)."""
    return f"{customer_id}@example.com"


def iso(moments_ms: Ints) -> list[str]:
    """ISO 8601 in UTC with milliseconds."""
    text = np.datetime_as_string(moments_ms.astype("datetime64[ms]"), unit="ms")
    return [f"{value}Z" for value in text.tolist()]


class Envelope:
    """Writes the lines of one world.

    What is the same for all events of a device, a list or a product is put together once.
    """

    def __init__(self, world: World) -> None:
        config, catalogue, devices = world.config, world.catalogue, world.devices
        self.world = world
        self.contexts: list[dict[str, Any]] = [
            {
                "userAgent": agent,
                "ip": ip,
                "locale": COUNTRIES[country][2],
                "device": {"type": DEVICE_TYPES[kind]},
                "country": COUNTRIES[country][0],
            }
            for agent, ip, country, kind in zip(
                devices.user_agents, devices.ips, devices.country.tolist(),
                devices.kind.tolist(), strict=True,
            )
        ]  # fmt: skip
        self.prices = (catalogue.price_cents / 100).tolist()
        self.categories = [CATEGORIES[k] for k in catalogue.category.tolist()]
        self.brands = [BRANDS[k] for k in catalogue.brand.tolist()]
        self.currency = config.currency
        log = world.timeline.log
        # The landing is the first one or two events of a session; they carry the campaign.
        first = np.searchsorted(log.session, log.session)
        self.landing = (np.arange(len(log)) - first) < 2
        self.checkout_cents = self._cart_values()

    def _cart_values(self) -> dict[int, int]:
        """Value of the cart by session, in cents."""
        cart = self.world.behaviour.cart
        amounts = self.world.catalogue.price_cents[cart[:, 1]] * cart[:, 2]
        sessions, place = np.unique(cart[:, 0], return_inverse=True)
        totals = np.bincount(place, weights=amounts, minlength=len(sessions)).astype(np.int64)
        return dict(zip(sessions.tolist(), totals.tolist(), strict=True))

    def lines(self, chosen: Ints) -> Iterator[bytes]:
        """The bytes of the chosen lines of ``world.lines``, without line ends."""
        world = self.world
        lines, log = world.lines, world.timeline.log
        event = lines.event[chosen]
        session = log.session[event]
        columns = zip(
            event.tolist(),
            session.tolist(),
            lines.fate[chosen].tolist(),
            log.kind[event].tolist(),
            world.visits.device[session].tolist(),
            world.known[event].tolist(),
            self.landing[event].tolist(),
            iso(lines.original_ms[chosen]),
            iso(lines.sent_ms[chosen]),
            iso(lines.received_ms[chosen]),
            strict=True,
        )
        for row, sid, fate, kind, device, known, landing, original, sent, received in columns:
            properties, path = self._content(Kind(kind), row, sid)
            page = {"path": path, "referrer": f"{SHOP}/"}
            context: dict[str, Any] = {"page": page, **self.contexts[device]}
            if landing:
                page["referrer"] = CHANNELS[int(world.visits.channel[sid])].referrer
                number = int(world.visits.campaign[sid])
                if number >= 0:
                    campaign = CAMPAIGNS[number]
                    context["campaign"] = {
                        "source": campaign.source,
                        "medium": campaign.medium,
                        "name": campaign.name,
                    }
            user = world.people.customer_ids[known] if known >= 0 else None
            message: dict[str, Any] = {
                "messageId": world.message_ids[row],
                "type": "track",
                "anonymousId": world.devices.visitor_ids[device],
                "userId": user,
                "originalTimestamp": original,
                "sentAt": sent,
                "receivedAt": received,
                "properties": properties,
                "context": context,
            }
            if kind == Kind.PAGE:
                message["type"] = "page"
            elif kind == Kind.IDENTIFY:
                message["type"] = "identify"
                message["traits"] = {
                    "email": customer_email(str(user)),
                    "name": f"Customer {str(user)[1:].lstrip('0')}",
                }
            else:
                message["event"] = EVENT_NAMES[Kind(kind)]
            if fate > Fate.DUPLICATE:
                yield self._spoilt(Fate(fate), message, row)
            else:
                yield orjson.dumps(message)

    def _content(self, kind: Kind, row: int, session: int) -> tuple[dict[str, Any], str]:
        """Properties of one event, and the page it happened on."""
        world, log = self.world, self.world.timeline.log
        product = int(log.product[row])
        listing = int(log.listing[row])
        path = "/" if listing < 0 else self._list_path(listing)
        if product >= 0:
            product_id = world.catalogue.product_ids[product]
            path = f"/product/{product_id}" if kind != Kind.CLICKED else path
        if kind == Kind.PAGE:
            return {"path": path, "title": self._title(listing)}, path
        if kind == Kind.LIST_VIEWED:
            return self._list_content(listing), path
        if kind == Kind.CLICKED:
            properties = {
                "product_id": product_id,
                "list_id": LISTS[int(world.shelves.list_kind[listing])],
                "position": int(log.position[row]),
            }
            if properties["list_id"] == "recommended":
                properties["recommendation_id"] = f"r{listing:08d}"
            return properties, path
        if kind == Kind.VIEWED:
            properties = {
                "product_id": product_id,
                "price": self.prices[product],
                "currency": self.currency,
                "category": self.categories[product].name,
                "brand": self.brands[product],
            }
            size = int(log.size[row])
            if size >= 0:
                sizes = self.categories[product].sizes
                properties["size"] = sizes[min(size, len(sizes) - 1)]
            return properties, path
        if kind == Kind.SCROLLED:
            dwell = int(world.timeline.gap_ms[row])
            return {
                "product_id": product_id, "depth": float(log.depth[row]), "dwell_ms": dwell,
            }, path  # fmt: skip
        if kind in (Kind.ADDED, Kind.REMOVED):
            properties = {
                "product_id": product_id,
                "quantity": int(log.quantity[row]),
                "price": self.prices[product],
                "currency": self.currency,
                "size": self.categories[product].sizes[int(log.size[row])],
                "cart_id": f"cart{session:08d}",
            }
            return properties, "/cart" if kind == Kind.REMOVED else path
        if kind == Kind.CART_VIEWED:
            return {"cart_id": f"cart{session:08d}"}, "/cart"
        if kind == Kind.CHECKOUT:
            value = self.checkout_cents[session] / 100
            return {
                "cart_id": f"cart{session:08d}", "value": value, "currency": self.currency,
            }, "/checkout"  # fmt: skip
        if kind == Kind.ORDER:
            return self._order_content(session), "/checkout/thanks"
        if kind == Kind.EXPERIMENT:
            arm = int(world.people.arm[world.visits.person[session]])
            return {
                "experiment_id": world.config.experiment_id, "variation_id": ARMS[arm],
            }, path  # fmt: skip
        if kind == Kind.NPS:
            return {"score": int(log.score[row])}, "/checkout/thanks"
        return {}, "/account/login"

    def _list_path(self, listing: int) -> str:
        shelves = self.world.shelves
        name = LISTS[int(shelves.list_kind[listing])]
        department = DEPARTMENTS[int(shelves.department[listing])]
        if name == "category":
            category = CATEGORIES[int(shelves.category[listing])].name
            return f"/{department}/{category.lower()}"
        return "/search" if name == "search" else f"/{department}"

    def _title(self, listing: int) -> str:
        if listing < 0:
            return "Home"
        shelves = self.world.shelves
        department = DEPARTMENTS[int(shelves.department[listing])].capitalize()
        category = int(shelves.category[listing])
        return department if category < 0 else f"{department} {CATEGORIES[category].name}"

    def _list_content(self, listing: int) -> dict[str, Any]:
        shelves = self.world.shelves
        ids = self.world.catalogue.product_ids
        category = int(shelves.category[listing])
        department = DEPARTMENTS[int(shelves.department[listing])]
        content: dict[str, Any] = {
            "list_id": LISTS[int(shelves.list_kind[listing])],
            "category": department if category < 0 else CATEGORIES[category].name,
            "products": [
                {"product_id": ids[number], "position": place}
                for place, number in enumerate(shelves.shown[listing].tolist(), start=1)
                if number >= 0
            ],
        }
        if content["list_id"] == "recommended":
            content["recommendation_id"] = f"r{listing:08d}"
        return content

    def _order_content(self, session: int) -> dict[str, Any]:
        orders = self.world.orders
        number = int(orders.of_session[session])
        begin, end = np.searchsorted(orders.line_order, [number, number + 1]).tolist()
        lines = range(begin, end)
        return {
            "order_id": orders.order_id(number),
            "revenue": int(orders.items[number] - orders.discount[number]) / 100,
            "discount": int(orders.discount[number]) / 100,
            "shipping": int(orders.shipping[number]) / 100,
            "tax": int(orders.tax[number]) / 100,
            "currency": self.currency,
            "products": [
                {
                    "product_id": self.world.catalogue.product_ids[int(orders.line_product[k])],
                    "quantity": int(orders.line_quantity[k]),
                    "price": self.prices[int(orders.line_product[k])],
                    "size": self.categories[int(orders.line_product[k])].sizes[
                        int(orders.line_size[k])
                    ],
                }
                for k in lines
            ],
        }

    def _spoilt(self, fate: Fate, message: dict[str, Any], row: int) -> bytes:
        """The line of an event that something went wrong with."""
        if fate == Fate.NO_EVENT_ID:
            del message["messageId"]
        elif fate == Fate.NO_VISITOR_ID:
            message["anonymousId"] = None
        elif fate == Fate.UNREADABLE_TIME:
            message["originalTimestamp"] = UNREADABLE[row % len(UNREADABLE)]
        elif fate == Fate.UNKNOWN_EVENT_TYPE:
            message["event"] = UNKNOWN_NAMES[row % len(UNKNOWN_NAMES)]
        elif fate == Fate.NEGATIVE_PRICE:
            message["properties"]["price"] = -abs(message["properties"]["price"])
        elif fate == Fate.NEGATIVE_QUANTITY:
            message["properties"]["quantity"] = -abs(message["properties"]["quantity"])
        elif fate == Fate.ORDER_WITHOUT_ID:
            del message["properties"]["order_id"]
        line = orjson.dumps(message)
        if fate == Fate.CUT_JSON:
            return line[: 20 + row % (len(line) - 40)]
        if fate == Fate.NOT_JSON:
            return b"<html><body>502 Bad Gateway</body></html>"
        if fate == Fate.INVALID_UTF8:
            middle = line.index(b'"userAgent":"') + 14
            return line[:middle] + b"\xff\xfe\xc3" + line[middle:]
        return line
