"""What a simulated shop is made of: its size, its period, its habits and its dirt."""

from __future__ import annotations

import dataclasses
import json
import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from trasos.errors import ConfigurationError

SIMULATOR_VERSION = "1"
"""Raised whenever the same configuration would write other bytes than before."""

DAY_MS = 86_400_000


@dataclass(frozen=True)
class DirtRates:
    """How often the event stream goes wrong; each a share (0..1) of what it is taken from.

    Attributes:
        duplicated_nearby: share of events written twice into the same day's files.
        duplicated_later: share of events that the device sends again some hours or days later.
        offline_sessions: share of sessions whose last events wait on the device for hours or days.
        skewed_devices: share of devices whose clock is wrong by minutes to days.
        malformed: share of events whose line is no JSON at all.
        rejected: share of events that lack an id, a visitor, a readable time or a known name, or
            that come from the future; split evenly over these five.
        negative_price: share of product views with a price below zero.
        negative_quantity: share of cart additions with a quantity below zero.
        orders_without_id: share of "Order Completed" events without ``order_id``.
    """

    duplicated_nearby: float = 0.008
    duplicated_later: float = 0.006
    offline_sessions: float = 0.015
    skewed_devices: float = 0.06
    malformed: float = 0.001
    rejected: float = 0.002
    negative_price: float = 0.0008
    negative_quantity: float = 0.008
    orders_without_id: float = 0.008


@dataclass(frozen=True)
class SimulationConfig:
    """One simulated shop. The same configuration gives the same bytes.

    Attributes:
        seed: any integer from 0 up.
        people: people that visit the shop at least once, without bots.
        days: length of the period, in days; its last day is ``end_date``.
        end_date: last day (UTC) of the period.
        products: products in the catalogue.
        currency: ISO 4217 code of every price.
        sessions_per_person: mean sessions of a person who is there for 90 days.
        list_length: products shown by one list view.
        taste_clusters: groups of people with similar taste.
        experiment_id: name of the running A/B test.
        experiment_factor: what the treatment multiplies P(order | checkout) with.
        experiment_start_share: share of the period that passes before the test begins.
        identifying_share: share of people who ever log in.
        shared_device_share: share of people who also use a device of somebody else's.
        declared_bots: crawlers that name themselves in the user agent.
        undeclared_bots: crawlers that pose as people and look at hundreds of products in minutes.
        images: whether to draw a picture of each product.
        image_size: edge of a picture, in pixels.
        lines_per_file: event lines in one file at most.
        dirt: how often things go wrong.
    """

    seed: int = 20260630
    people: int = 3_000
    days: int = 90
    end_date: date = date(2026, 6, 30)
    products: int = 800
    currency: str = "EUR"
    sessions_per_person: float = 15.0
    list_length: int = 12
    taste_clusters: int = 8
    experiment_id: str = "recommendations_v1"
    experiment_factor: float = 1.25
    experiment_start_share: float = 0.25
    identifying_share: float = 0.65
    shared_device_share: float = 0.06
    declared_bots: int = 3
    undeclared_bots: int = 6
    images: bool = True
    image_size: int = 96
    lines_per_file: int = 20_000
    dirt: DirtRates = field(default_factory=DirtRates)

    def __post_init__(self) -> None:
        """Refuse what makes no shop.

        Raises:
            ConfigurationError: a value is out of its range; the message names it.
        """
        minima: dict[str, float] = {
            "seed": 0, "people": 1, "days": 1, "products": 30, "list_length": 1,
            "taste_clusters": 1, "declared_bots": 0, "undeclared_bots": 0,
            "image_size": 16, "lines_per_file": 1,
        }  # fmt: skip
        for name, least in minima.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigurationError(
                    f"simulation: {name} is {value!r}; give a whole number of at least {least:g}."
                )
        for name in ("sessions_per_person", "experiment_factor"):
            value = getattr(self, name)
            if not 0 < value <= 100:
                raise ConfigurationError(
                    f"simulation: {name} is {value!r}; give a number above 0 and up to 100."
                )
        shares = {
            name: getattr(self, name)
            for name in ("experiment_start_share", "identifying_share", "shared_device_share")
        } | {f"dirt.{key}": value for key, value in dataclasses.asdict(self.dirt).items()}
        for name, value in shares.items():
            if not 0 <= value <= 1:
                raise ConfigurationError(
                    f"simulation: {name} is {value!r}; a share lies between 0 and 1."
                )
        if self.dirt.malformed + self.dirt.rejected > 1:
            raise ConfigurationError(
                "simulation: dirt.malformed and dirt.rejected add up to more than 1."
            )
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ConfigurationError(
                f"simulation: currency is {self.currency!r}; give an ISO 4217 code such as 'EUR'."
            )

    @property
    def start_date(self) -> date:
        """First day (UTC) of the period."""
        return self.end_date - timedelta(days=self.days - 1)

    @property
    def start_ms(self) -> int:
        """First moment of the period, in milliseconds since 1970-01-01 UTC."""
        return (self.start_date - date(1970, 1, 1)).days * DAY_MS

    @property
    def end_ms(self) -> int:
        """First moment after the period, in milliseconds since 1970-01-01 UTC."""
        return self.start_ms + self.days * DAY_MS

    @property
    def experiment_start_ms(self) -> int:
        """First moment of the A/B test, in milliseconds since 1970-01-01 UTC."""
        return self.start_ms + int(self.days * self.experiment_start_share) * DAY_MS

    def stream(self, concern: str) -> np.random.Generator:
        """A random generator that belongs to one concern alone.

        The concern's name, not its place in a list, is the spawn key, so a new concern leaves
        the numbers of the others as they were (numpy's ``SeedSequence`` with a spawn key).
        """
        key = zlib.crc32(concern.encode())
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(key,)))

    def to_json(self) -> str:
        """The configuration and the simulator's version, as stable JSON text."""
        values = dataclasses.asdict(self) | {"simulator_version": SIMULATOR_VERSION}
        return json.dumps(values, default=str, sort_keys=True, indent=2) + "\n"
