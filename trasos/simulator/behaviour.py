"""What people do in a session: look through lists, click, read, put into the cart, and pay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.simulator.campaigns import CHANNELS
from trasos.simulator.catalogue import Catalogue, Floats, Ints
from trasos.simulator.config import SimulationConfig
from trasos.simulator.log import LANDING, LIST_STEP, TILL, EventLog, Kind, events, joined
from trasos.simulator.people import People
from trasos.simulator.shelves import Shelves, affinity
from trasos.simulator.visits import Visits
from trasos.simulator.vocabulary import CATEGORIES

CLICK_BASE = -2.0
CLICK_BLOCK = 50_000
ADD_BASE = -2.75
CHECKOUT_SHARE = 0.62
ORDER_BASE = 0.45
ORDER_CEILING = 0.95


@dataclass(frozen=True)
class Behaviour:
    """What happened, without the moments yet.

    Attributes:
        log: events other than logins, in no order.
        has_checkout: (sessions,) whether the till was reached.
        has_order: (sessions,) whether an order was placed.
        order_probability: (sessions,) P(order | checkout), treatment included.
        cart: (lines, 4) session, product, quantity, size of what stayed in the cart.
    """

    log: EventLog
    has_checkout: np.ndarray
    has_order: np.ndarray
    order_probability: Floats
    cart: Ints


def behave(
    config: SimulationConfig,
    catalogue: Catalogue,
    people: People,
    visits: Visits,
    shelves: Shelves,
) -> Behaviour:
    """Let every session happen."""
    rng = config.stream("behaviour")
    looking, viewed = _looks(rng, catalogue, people, visits, shelves)
    added, removed, cart = _cart(rng, catalogue, people, visits, viewed)
    till, has_checkout, has_order, probability = _till(rng, config, people, visits, cart)

    n = len(visits)
    everyone = np.arange(n)
    in_test = (visits.start_ms >= config.experiment_start_ms) & ~visits.is_bounce
    parts = [
        events(everyone, LANDING, Kind.PAGE),
        events(everyone[in_test], LANDING + 1, Kind.EXPERIMENT),
        looking,
        viewed,
        added,
        removed,
        till,
    ]
    return Behaviour(joined(parts), has_checkout, has_order, probability, cart)


def _looks(
    rng: np.random.Generator,
    catalogue: Catalogue,
    people: People,
    visits: Visits,
    shelves: Shelves,
) -> tuple[EventLog, EventLog]:
    """List views, clicks and scrolls; and, apart from them, product views with second looks.

    A product is clicked with probability logistic(base + affinity - position), independently.
    """
    total = len(shelves.session)
    numbers = np.arange(total)
    base = LIST_STEP * shelves.step.astype(np.float64)
    with_page = rng.random(total) < 0.6
    lists = [
        events(shelves.session[with_page], base[with_page], Kind.PAGE, listing=numbers[with_page]),
        events(shelves.session, base + 0.1, Kind.LIST_VIEWED, listing=numbers),
    ]
    clicked = _clicks(rng, catalogue, people, visits, shelves)
    row, column = np.nonzero(clicked)
    product = shelves.shown[row, column]
    session = shelves.session[row]
    place = base[row] + 1 + 0.4 * column
    common = {"product": product, "listing": row, "position": column + 1}
    lists.append(events(session, place, Kind.CLICKED, **common))

    # Landings on a product page, as advertisements and search results give them.
    direct = np.flatnonzero(rng.random(len(visits)) < 0.22)
    liked = _landing_products(rng, catalogue, people, visits, direct)
    direct, liked = direct[liked >= 0], liked[liked >= 0]
    # Second looks at what was seen before in the session: common in real shops.
    again = rng.random(len(session)) < 0.16
    session = np.concatenate([session, direct, session[again]])
    product = np.concatenate([product, liked, product[again]])
    place = np.concatenate(
        [place + 0.1, np.full(len(direct), LANDING + 3), base[row[again]] + 7 + 0.1 * column[again]]
    )
    size = people.size[visits.person[session]]
    viewed = events(session, place, Kind.VIEWED, product=product, size=size)
    scrolls = rng.random(len(session)) < 0.55
    depth = np.round(rng.beta(2, 1.6, int(scrolls.sum())), 3)
    lists.append(
        events(
            session[scrolls],
            place[scrolls] + 0.05,
            Kind.SCROLLED,
            product=product[scrolls],
            depth=depth,
        )
    )
    return joined(lists), viewed


def _clicks(
    rng: np.random.Generator,
    catalogue: Catalogue,
    people: People,
    visits: Visits,
    shelves: Shelves,
) -> np.ndarray:
    """Which shown products are clicked, shape (list views, list_length), dtype bool.

    Block by block, because the style vectors of everything shown would not fit into memory.
    """
    total, width = shelves.shown.shape
    position = 0.4 * np.log2(np.arange(1, width + 1))[None, :]
    clicked = np.zeros((total, width), dtype=bool)
    for begin in range(0, total, CLICK_BLOCK):
        block = slice(begin, begin + CLICK_BLOCK)
        shown, session = shelves.shown[block], shelves.session[block]
        fit = affinity(catalogue, people, visits.person[session][:, None], shown)
        logit = CLICK_BASE + 1.25 * fit - position
        clicked[block] = (rng.random(shown.shape) < 1 / (1 + np.exp(-logit))) & (shown >= 0)
        clicked[block] &= ~visits.is_bounce[session][:, None]
    return clicked


def _landing_products(
    rng: np.random.Generator,
    catalogue: Catalogue,
    people: People,
    visits: Visits,
    sessions: Ints,
) -> Ints:
    """One launched product per session, the best fitting of a few popular ones; -1 if none."""
    appeal = np.exp(catalogue.popularity)
    drawn = rng.choice(len(appeal), (len(sessions), 6), p=appeal / appeal.sum())
    person = visits.person[sessions]
    fit = affinity(catalogue, people, person[:, None], drawn) + rng.gumbel(size=drawn.shape)
    fit += 2.0 * (catalogue.department[drawn] == people.department[person][:, None])
    fit[catalogue.launched_ms[drawn] > visits.start_ms[sessions][:, None]] = -np.inf
    best = fit.argmax(axis=1)
    rows = np.arange(len(sessions))
    chosen: Ints = np.where(np.isfinite(fit[rows, best]), drawn[rows, best], -1)
    return chosen


def _cart(
    rng: np.random.Generator,
    catalogue: Catalogue,
    people: People,
    visits: Visits,
    viewed: EventLog,
) -> tuple[EventLog, EventLog, Ints]:
    """Additions, removals, and the cart lines that stay, ordered by session."""
    person = visits.person[viewed.session]
    fit = affinity(catalogue, people, person, viewed.product)
    logit = ADD_BASE + 0.6 * fit
    adds = rng.random(len(viewed)) < 1 / (1 + np.exp(-logit))
    adds &= ~visits.is_bounce[viewed.session]
    rows = np.flatnonzero(adds)
    rows = rows[np.lexsort((viewed.place[rows], viewed.product[rows], viewed.session[rows]))]
    key = viewed.session[rows] * len(catalogue.product_ids) + viewed.product[rows]
    rows = rows[np.concatenate([[True], key[1:] != key[:-1]])] if len(rows) else rows

    session, product = viewed.session[rows], viewed.product[rows]
    quantity = rng.choice([1, 2, 3], len(rows), p=[0.92, 0.07, 0.01])
    ranges = np.array([len(category.sizes) for category in CATEGORIES])
    off = rng.choice([-1, 0, 1], len(rows), p=[0.1, 0.8, 0.1])
    limit = ranges[catalogue.category[product]] - 1
    size = np.clip(people.size[visits.person[session]] + off, 0, limit)
    common = {"product": product, "quantity": quantity, "size": size}
    added = events(session, viewed.place[rows] + 0.08, Kind.ADDED, **common)
    drop = rng.random(len(rows)) < 0.12
    gone = {name: column[drop] for name, column in common.items()}
    luck = rng.random(int(drop.sum()))
    removed = events(session[drop], TILL + 0.5 * luck, Kind.REMOVED, **gone)
    cart = np.stack([session, product, quantity, size], axis=1)[~drop]
    return added, removed, cart


def _till(
    rng: np.random.Generator,
    config: SimulationConfig,
    people: People,
    visits: Visits,
    cart: Ints,
) -> tuple[EventLog, np.ndarray, np.ndarray, Floats]:
    """Cart views, checkouts, orders and answers to "would you recommend us?".

    P(order | checkout) = base x person x channel, capped so that the treatment's factor always
    fits below 1 and therefore multiplies exactly; people who never log in cannot order.
    """
    n = len(visits)
    has_cart = np.zeros(n, dtype=bool)
    has_cart[cart[:, 0]] = True
    has_checkout = has_cart & (rng.random(n) < CHECKOUT_SHARE)
    channel_factor = np.array([channel.conversion for channel in CHANNELS])[visits.channel]
    ceiling = ORDER_CEILING / max(config.experiment_factor, 1.0)
    probability = np.minimum(
        ORDER_BASE * people.propensity[visits.person] * channel_factor, ceiling
    )
    treated = (visits.start_ms >= config.experiment_start_ms) & (people.arm[visits.person] == 1)
    probability = np.where(treated, probability * config.experiment_factor, probability)
    probability = np.where(people.identifies[visits.person], probability, 0.0)
    has_order = has_checkout & (rng.random(n) < probability)

    numbers = np.arange(n)
    looks = numbers[has_cart & (has_checkout | (rng.random(n) < 0.5))]
    answers = numbers[has_order & (rng.random(n) < 0.22)]
    score = np.clip(np.round(10.6 - rng.gamma(1.6, 1.5, len(answers))), 0, 10)
    till = joined(
        [
            events(looks, TILL + 1, Kind.CART_VIEWED),
            events(numbers[has_checkout], TILL + 3, Kind.CHECKOUT),
            events(numbers[has_order], TILL + 4, Kind.ORDER),
            events(answers, TILL + 5, Kind.NPS, score=score),
        ]
    )
    return till, has_checkout, has_order, probability
