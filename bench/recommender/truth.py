"""What the simulator knows of who will look at what: the measure of what can be recommended."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from trasos.errors import InputError
from trasos.simulator.behaviour import CLICK_BASE, _landing_products
from trasos.simulator.catalogue import STYLE_DIMENSIONS, Catalogue, build_catalogue, unit_rows
from trasos.simulator.config import DirtRates, SimulationConfig
from trasos.simulator.people import People, build_devices, build_people
from trasos.simulator.shelves import affinity, build_shelves
from trasos.simulator.visits import Visits, build_visits
from trasos.simulator.vocabulary import CATEGORIES, DEPARTMENT_SHARES

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SESSIONS, BLOCK = 4, 2_000

LISTS, LANDINGS = (1 - 0.27) * 1.16, 0.22
"""What of a session's lists and landings counts, as the simulator draws them: 27 % of sessions end
on their first page, 16 % of clicks are followed by a second look, 22 % of sessions begin on the
page of a product."""


@dataclass(frozen=True)
class Truth:
    """The people and products of a simulated shop as they were drawn.

    Attributes:
        config: what the shop was made from; with it everything is drawn again.
        catalogue: products with hidden style and appeal.
        people: people with hidden tastes.
        visits: their sessions.
        by_id: the numbers of the people behind each person_id of the warehouse.
    """

    config: SimulationConfig
    catalogue: Catalogue
    people: People
    visits: Visits
    by_id: dict[str, list[int]]

    @classmethod
    def of(cls, inbox: Path, truth: Path) -> Truth:
        """Draw the shop of an inbox again.

        Args:
            inbox: folder of the shop, with ``simulation.json``.
            truth: folder of what the simulator wrote about it.

        Raises:
            InputError: the files are not there: the shop was not simulated.
        """
        marker = inbox / "simulation.json"
        if not marker.exists():
            raise InputError(f"{marker} is not there: only a simulated shop has a truth.")
        config = config_of(json.loads(marker.read_text(encoding="utf-8")))
        catalogue = build_catalogue(config)
        people = build_people(config, catalogue)
        visits = build_visits(config, people, build_devices(config, people))
        number = {key: at for at, key in enumerate(people.person_keys)}
        by_id: dict[str, list[int]] = {}
        for row in pq.read_table(truth / "people.parquet").to_pylist():
            if row["customer_id"] is not None:
                by_id[f"customer:{row['customer_id']}"] = [number[row["person_key"]]]
        for row in pq.read_table(truth / "visitor_people.parquet").to_pylist():
            if row["person_key"] in number:
                by_id.setdefault(f"visitor:{row['visitor_id']}", []).append(
                    number[row["person_key"]]
                )
        return cls(config, catalogue, people, visits, by_id)

    def tastes(self) -> Doubles:
        """How well each product fits each person, those of other departments last.

        Returns:
            float64 (people, products): the taste that clicks follow, and nothing else: no appeal,
            no season, no newness, no wish for a category.
        """
        everyone, all_products = np.arange(len(self.people)), np.arange(self.config.products)
        fit = affinity(self.catalogue, self.people, everyone[:, None], all_products[None, :])
        at_home = self.catalogue.department[None, :] == self.people.department[:, None]
        return np.asarray(fit + 100 * at_home, np.float64)

    def looks(
        self, people: People, numbers: Ints, since_ms: int, until_ms: int, draws: int, seed: int
    ) -> Doubles:
        """Looks that a session of each person is expected to bring each product.

        Lists and landings are drawn as the shop draws them, many times; what is shown is weighed by
        the probability of a click.

        Args:
            people: whose tastes.
            numbers: which of them.
            since_ms: milliseconds; sessions begin as real ones do from here on ...
            until_ms: ... and before here.
            draws: how many times ``SESSIONS`` sessions are drawn.
            seed: of the draws.

        Returns:
            float64 (len(numbers), products).
        """
        rng = np.random.default_rng(seed)
        start = self.visits.start_ms
        pool = start[(start >= since_ms) & (start < until_ms)]
        expected = np.zeros((len(numbers), self.config.products))
        steps = 0.4 * np.log2(np.arange(1, self.config.list_length + 1))
        for draw in range(draws):
            for begin in range(0, len(numbers), BLOCK):
                block = np.repeat(numbers[begin : begin + BLOCK], SESSIONS)
                nobody = np.zeros(len(block), np.int64)
                never = np.zeros(len(block), np.bool_)
                visits = Visits(
                    block, nobody, rng.choice(pool, len(block)), nobody, nobody, never, never, never
                )
                other = dataclasses.replace(self.config, seed=seed * 100_003 + draw * 1_009 + begin)
                shelves = build_shelves(other, self.catalogue, people, visits)
                person = block[shelves.session]
                fit = affinity(self.catalogue, people, person[:, None], shelves.shown)
                click = 1 / (1 + np.exp(-(CLICK_BASE + 1.25 * fit - steps[None, :])))
                place = begin + shelves.session // SESSIONS
                cells = np.repeat(place, shelves.shown.shape[1]), shelves.shown.ravel()
                is_shown = cells[1] >= 0
                cells = cells[0][is_shown], cells[1][is_shown]
                np.add.at(expected, cells, LISTS * click.ravel()[is_shown])
                landed = _landing_products(
                    rng, self.catalogue, people, visits, np.arange(len(block))
                )
                sessions = np.flatnonzero(landed >= 0)
                cells = begin + sessions // SESSIONS, landed[sessions]
                np.add.at(expected, cells, LANDINGS)
        return expected / (draws * SESSIONS)

    def like_people(self, count: int, seed: int) -> People:
        """People drawn from the same clusters as the shop's own, of whom nothing is known."""
        rng = np.random.default_rng(seed)
        own = self.config.stream("people")
        clusters = self.config.taste_clusters
        # The same draws in the same order as build_people: the clusters' wishes are the shop's.
        shares = own.dirichlet(np.full(clusters, 8.0))
        own.choice(clusters, len(self.people), p=shares)
        own.normal(size=(len(self.people), STYLE_DIMENSIONS))
        wishes = own.normal(0, 0.9, (clusters, len(CATEGORIES)))
        prices = own.normal(0, 0.7, clusters)
        cluster = rng.choice(clusters, count, p=shares)
        noise = 0.16 * rng.normal(size=(count, STYLE_DIMENSIONS))
        return dataclasses.replace(
            self.people,
            person_keys=[""] * count,
            cluster=cluster,
            style=unit_rows(self.catalogue.centres[cluster] + noise),
            price_wish=prices[cluster] + rng.normal(0, 0.5, count),
            category_wish=wishes[cluster] + rng.normal(0, 0.5, (count, len(CATEGORIES))),
            department=rng.choice(len(DEPARTMENT_SHARES), count, p=DEPARTMENT_SHARES),
        )


def config_of(values: dict[str, Any]) -> SimulationConfig:
    """The configuration that ``SimulationConfig.to_json`` wrote."""
    given = {name: value for name, value in values.items() if name != "simulator_version"}
    given["dirt"] = DirtRates(**given["dirt"])
    given["end_date"] = date.fromisoformat(given["end_date"])
    return SimulationConfig(**given)
