"""The people who visit, their tastes, and the devices they visit with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.simulator.catalogue import STYLE_DIMENSIONS, Catalogue, Floats, Ints, unit_rows
from trasos.simulator.config import SimulationConfig
from trasos.simulator.vocabulary import (
    CATEGORIES,
    COUNTRIES,
    CRAWLERS,
    DEPARTMENT_SHARES,
    DEPARTMENTS,
    USER_AGENTS,
)

DEVICE_TYPES = ("mobile", "desktop", "tablet")
ARMS = ("control", "treatment")


@dataclass(frozen=True)
class People:
    """All people; every array is indexed by person number 0..n-1.

    Attributes:
        person_keys: ``person_00001``..., known to the truth alone.
        cluster: taste cluster.
        style: (n, 12) unit vectors of taste.
        price_wish: preferred price level, about standard normal.
        category_wish: (n, categories) log preference for categories.
        department: index into ``DEPARTMENTS``.
        rate: sessions per average day while active.
        first_day: day of the period from which the person may visit.
        last_day: last such day (inclusive).
        identifies: whether the person ever logs in.
        registered_before: whether the account is older than the period.
        propensity: multiplies P(order | checkout); mean about 1.
        arm: 0 control, 1 treatment.
        size: which of five sizes fits, 0..4.
        country: index into ``COUNTRIES``.
        city: name of the town.
        customer_ids: the shop's number for the person, used only once the person identifies.
    """

    person_keys: list[str]
    cluster: Ints
    style: Floats
    price_wish: Floats
    category_wish: Floats
    department: Ints
    rate: Floats
    first_day: Ints
    last_day: Ints
    identifies: np.ndarray
    registered_before: np.ndarray
    propensity: Floats
    arm: Ints
    size: Ints
    country: Ints
    city: list[str]
    customer_ids: list[str]

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.person_keys)


@dataclass(frozen=True)
class Devices:
    """All devices, people's first and then the bots'; arrays are indexed by device number.

    Attributes:
        visitor_ids: the cookie, ``anonymousId`` of events.
        owner: person number, or -1 for a bot.
        guest: second person who uses it, or -1.
        kind: index into ``DEVICE_TYPES``.
        user_agents: the browser's own name.
        ips: addresses from the blocks reserved for documentation (RFC 5737).
        country: index into ``COUNTRIES``.
        is_bot: whether a bot uses it.
        first_of: (people + 1,) offsets: devices of person k are first_of[k]..first_of[k + 1] - 1.
        borrowed: per person, the device of somebody else's that the person also uses, or -1.
    """

    visitor_ids: list[str]
    owner: Ints
    guest: Ints
    kind: Ints
    user_agents: list[str]
    ips: list[str]
    country: Ints
    is_bot: np.ndarray
    first_of: Ints
    borrowed: Ints


def build_people(config: SimulationConfig, catalogue: Catalogue) -> People:
    """Draw the people; those of one taste cluster resemble each other in style and categories."""
    rng = config.stream("people")
    n = config.people
    clusters = config.taste_clusters
    cluster = rng.choice(clusters, n, p=rng.dirichlet(np.full(clusters, 8.0)))
    style = unit_rows(catalogue.centres[cluster] + 0.16 * rng.normal(size=(n, STYLE_DIMENSIONS)))
    cluster_wish = rng.normal(0, 0.9, (clusters, len(CATEGORIES)))
    cluster_price = rng.normal(0, 0.7, clusters)
    # A third is there from the start; the rest is acquired bit by bit.
    first_day = np.where(rng.random(n) < 0.35, 0, rng.integers(0, config.days, n))
    stay = rng.exponential(110, n).astype(np.int64)
    identifies = rng.random(n) < config.identifying_share
    country = rng.choice(len(COUNTRIES), n, p=[share for _, share, _, _ in COUNTRIES])
    town = rng.integers(0, 1_000, n)
    number = rng.permutation(n) + 1
    return People(
        person_keys=[f"person_{k:06d}" for k in range(1, n + 1)],
        cluster=cluster,
        style=style,
        price_wish=cluster_price[cluster] + rng.normal(0, 0.5, n),
        category_wish=cluster_wish[cluster] + rng.normal(0, 0.5, (n, len(CATEGORIES))),
        department=rng.choice(len(DEPARTMENTS), n, p=DEPARTMENT_SHARES),
        rate=rng.gamma(0.9, config.sessions_per_person / 90 / 0.9, n),
        first_day=first_day,
        last_day=np.minimum(first_day + stay, config.days - 1),
        identifies=identifies,
        registered_before=identifies & (first_day == 0) & (rng.random(n) < 0.6),
        propensity=np.exp(rng.normal(-0.08, 0.4, n)),
        arm=rng.integers(0, 2, n),
        size=np.clip(np.round(rng.normal(2, 1, n)), 0, 4).astype(np.int64),
        country=country,
        city=[
            COUNTRIES[c][3][t % len(COUNTRIES[c][3])]
            for c, t in zip(country.tolist(), town.tolist(), strict=True)
        ],
        customer_ids=[f"c{k:06d}" for k in number.tolist()],
    )


def uuids(rng: np.random.Generator, count: int) -> list[str]:
    """Random ids in the shape of a UUID."""
    text = rng.bytes(16 * count).hex()
    return [
        f"{text[k : k + 8]}-{text[k + 8 : k + 12]}-4{text[k + 13 : k + 16]}"
        f"-a{text[k + 17 : k + 20]}-{text[k + 20 : k + 32]}"
        for k in range(0, 32 * count, 32)
    ]


def build_devices(config: SimulationConfig, people: People) -> Devices:
    """Give each person one to three devices, let some share, and add the bots' machines."""
    rng = config.stream("devices")
    n = len(people)
    per_person = rng.choice([1, 2, 3], n, p=[0.6, 0.32, 0.08])
    first_of = np.concatenate([[0], np.cumsum(per_person)])
    count = int(first_of[-1])
    owner = np.repeat(np.arange(n), per_person)
    borrowed = np.full(n, -1)
    guest = np.full(count, -1)
    borrowers = np.flatnonzero(rng.random(n) < config.shared_device_share)
    for person, other in zip(
        borrowers.tolist(), rng.integers(0, n, len(borrowers)).tolist(), strict=True
    ):
        device = int(first_of[other])
        if other != person and guest[device] == -1:
            guest[device] = person
            borrowed[person] = device
    bots = config.declared_bots + config.undeclared_bots
    kind = rng.choice(3, count, p=[0.62, 0.31, 0.07])
    agents = [
        USER_AGENTS[DEVICE_TYPES[k]][pick % len(USER_AGENTS[DEVICE_TYPES[k]])]
        for k, pick in zip(kind.tolist(), rng.integers(0, 60, count).tolist(), strict=True)
    ]
    agents += [CRAWLERS[k % len(CRAWLERS)] for k in range(config.declared_bots)]
    agents += [USER_AGENTS["desktop"][2]] * config.undeclared_bots
    blocks = ("192.0.2", "198.51.100", "203.0.113")
    last = rng.integers(0, 3 * 254, count + bots).tolist()
    return Devices(
        visitor_ids=uuids(rng, count + bots),
        owner=np.concatenate([owner, np.full(bots, -1)]),
        guest=np.concatenate([guest, np.full(bots, -1)]),
        kind=np.concatenate([kind, np.full(bots, 1)]),
        user_agents=agents,
        ips=[f"{blocks[k // 254]}.{k % 254 + 1}" for k in last],
        country=np.concatenate([people.country[owner], np.zeros(bots, dtype=np.int64)]),
        is_bot=np.concatenate([np.zeros(count, dtype=bool), np.ones(bots, dtype=bool)]),
        first_of=first_of,
        borrowed=borrowed,
    )
