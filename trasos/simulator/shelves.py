"""What the shop shows: list views of a category, a search, the home page, or recommendations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.simulator.catalogue import Catalogue, Floats, Ints, season_of
from trasos.simulator.config import SimulationConfig
from trasos.simulator.people import People
from trasos.simulator.visits import Visits
from trasos.simulator.vocabulary import CATEGORIES, DEPARTMENTS

LISTS = ("category", "search", "home", "recommended")
LIST_SHARES = (0.50, 0.20, 0.15, 0.15)
# How much of the order of a list follows the person's own taste, by list: a search says what is
# wanted, recommendations guess at it, a category page is the same for all.
PERSONAL = np.array([0.0, 0.5, 0.0, 0.7])
BLOCK_CELLS = 4_000_000


@dataclass(frozen=True)
class Shelves:
    """List views; arrays are indexed by list view number.

    Attributes:
        session: session number.
        step: 1-based number of the list view within its session.
        list_kind: index into ``LISTS``.
        category: index into ``CATEGORIES``, or -1 where the list spans a department.
        department: index into ``DEPARTMENTS``.
        shown: (list views, list_length) product numbers by position; -1 beyond the end.
    """

    session: Ints
    step: Ints
    list_kind: Ints
    category: Ints
    department: Ints
    shown: Ints


def affinity(catalogue: Catalogue, people: People, person: Ints, product: Ints) -> Floats:
    """How well products fit persons, about standard deviation 1; shapes broadcast.

    Taste is the inner product of the style vectors, less the squared distance in price level.
    """
    style = np.einsum("...d,...d->...", people.style[person], catalogue.style[product])
    price = catalogue.price_level[product] - people.price_wish[person]
    fit: Floats = 2.4 * style - 0.22 * np.square(price)
    return fit


def build_shelves(
    config: SimulationConfig, catalogue: Catalogue, people: People, visits: Visits
) -> Shelves:
    """Draw the list views of every session and the products each shows.

    A product's place follows popularity, season, newness and chance; products not launched yet
    are never shown.
    """
    rng = config.stream("shelves")
    n = len(visits)
    views = np.where(visits.is_bounce, rng.random(n) < 0.55, rng.geometric(0.36, n))
    views = np.minimum(views, 20).astype(np.int64)
    session = np.repeat(np.arange(n), views)
    total = len(session)
    first = np.cumsum(views) - views
    step = np.arange(total) - first[session] + 1
    person = visits.person[session]

    list_kind = rng.choice(len(LISTS), total, p=LIST_SHARES)
    astray = rng.random(total) < 0.10
    department = np.where(
        astray, rng.integers(0, len(DEPARTMENTS), total), people.department[person]
    )
    day = visits.days(config)[session]
    season = season_of(config)
    category = _wanted_category(rng, people, person, department, season[day])
    spans = list_kind >= LISTS.index("home")
    category = np.where(spans, -1, category)

    pool = np.where(spans, len(CATEGORIES) + department, category)
    now = visits.start_ms[session]
    shown = np.full((total, config.list_length), -1)
    for number, members in enumerate(catalogue.pools):
        rows = np.flatnonzero(pool == number)
        size = max(BLOCK_CELLS // max(len(members), 1), 1)
        for begin in range(0, len(rows), size):
            block = rows[begin : begin + size]
            shown[block] = _top(
                rng, config, catalogue, people, members, person[block], now[block],
                season[day[block]], PERSONAL[list_kind[block]],
            )  # fmt: skip
    keep = shown[:, 0] >= 0
    return Shelves(
        session[keep], step[keep], list_kind[keep], category[keep], department[keep], shown[keep]
    )


def _wanted_category(
    rng: np.random.Generator, people: People, person: Ints, department: Ints, season: Floats
) -> Ints:
    """The category each list view is about: the person's wish, the season, and chance (Gumbel)."""
    home = np.array([DEPARTMENTS.index(c.department) for c in CATEGORIES])
    weight = np.log(np.array([c.weight for c in CATEGORIES]))
    wish = weight + people.category_wish[person] + season + rng.gumbel(size=season.shape)
    wish[home[None, :] != department[:, None]] = -np.inf
    chosen: Ints = wish.argmax(axis=1)
    return chosen


def _top(
    rng: np.random.Generator,
    config: SimulationConfig,
    catalogue: Catalogue,
    people: People,
    members: Ints,
    person: Ints,
    now: Ints,
    season: Floats,
    personal: Floats,
) -> Ints:
    """The first ``list_length`` products of each list, shape (lists, list_length)."""
    age_days = (now[:, None] - catalogue.launched_ms[members][None, :]) / 86_400_000
    score = (
        catalogue.popularity[members][None, :]
        + season[:, catalogue.category[members]]
        + 1.1 * np.exp(-np.maximum(age_days, 0) / 25)
        + 0.9 * rng.gumbel(size=age_days.shape)
    )
    liking = np.flatnonzero(personal > 0)
    if len(liking):
        fit = affinity(catalogue, people, person[liking, None], members[None, :])
        score[liking] += personal[liking, None] * fit
    score[age_days < 0] = -np.inf
    width = min(config.list_length, len(members))
    if width < len(members):
        best = np.argpartition(-score, width - 1, axis=1)[:, :width]
    else:
        best = np.broadcast_to(np.arange(width), score.shape)
    values = np.take_along_axis(score, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    values = np.take_along_axis(values, order, axis=1)
    shown = np.full((len(person), config.list_length), -1)
    shown[:, :width] = np.where(np.isfinite(values), members[best], -1)
    return shown
