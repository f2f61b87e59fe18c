"""The catalogue: products with a price, a launch day, and a hidden style that tastes respond to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from trasos.simulator.config import DAY_MS, SimulationConfig
from trasos.simulator.vocabulary import (
    BRANDS,
    CATEGORIES,
    COLOURS,
    DEPARTMENTS,
    PATTERNS,
)

STYLE_DIMENSIONS = 12

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Catalogue:
    """All products; every array is indexed by product number 0..n-1.

    Attributes:
        product_ids: ``p00001``... as events and tables name them.
        names: product names.
        descriptions: one sentence each.
        category: index into ``CATEGORIES``.
        department: index into ``DEPARTMENTS``.
        brand: index into ``BRANDS``.
        colour: index into ``COLOURS``.
        pattern: index into ``PATTERNS``.
        price_cents: price without tax.
        cost_cents: cost of goods.
        launched_ms: moment of launch, milliseconds since 1970 UTC.
        popularity: log of the product's general appeal.
        style: (n, 12) unit vectors; people click what points their way.
        price_level: log price relative to its category, about standard normal.
        centres: (taste_clusters, 12) unit vectors around which brands and people gather.
        pools: product numbers per category, then per department (len(CATEGORIES) + 3 arrays).
    """

    product_ids: list[str]
    names: list[str]
    descriptions: list[str]
    category: Ints
    department: Ints
    brand: Ints
    colour: Ints
    pattern: Ints
    price_cents: Ints
    cost_cents: Ints
    launched_ms: Ints
    popularity: Floats
    style: Floats
    price_level: Floats
    centres: Floats
    pools: tuple[Ints, ...]


def unit_rows(values: Floats) -> Floats:
    """Each row scaled to length 1."""
    scaled: Floats = values / np.linalg.norm(values, axis=-1, keepdims=True)
    return scaled


def build_catalogue(config: SimulationConfig) -> Catalogue:
    """Draw the catalogue.

    Brands gather around the taste centres and products around their brand, so that people who
    like the same brands like the same products: the signal that collaborative filtering lives on.
    Prices are log-normal around category and brand.
    """
    rng = config.stream("catalogue")
    n = config.products
    centres = unit_rows(rng.normal(size=(config.taste_clusters, STYLE_DIMENSIONS)))
    weights = np.array([category.weight for category in CATEGORIES])
    # Every category gets at least one product; the rest follow the weights.
    category = np.concatenate(
        [
            np.arange(len(CATEGORIES)),
            rng.choice(len(CATEGORIES), n - len(CATEGORIES), p=weights / weights.sum()),
        ]
    )
    rng.shuffle(category)
    department = np.array([DEPARTMENTS.index(c.department) for c in CATEGORIES])[category]

    home_centre = np.arange(len(BRANDS)) % config.taste_clusters
    brand_style = unit_rows(
        centres[home_centre] + 0.25 * rng.normal(size=(len(BRANDS), STYLE_DIMENSIONS))
    )
    brand_level = rng.normal(0, 0.28, len(BRANDS))
    brand = rng.choice(len(BRANDS), n, p=rng.dirichlet(np.full(len(BRANDS), 6.0)))
    colour = rng.choice(len(COLOURS), n, p=rng.dirichlet(np.full(len(COLOURS), 4.0)))
    colour_style = unit_rows(rng.normal(size=(len(COLOURS), STYLE_DIMENSIONS)))
    style = unit_rows(
        brand_style[brand]
        + 0.35 * colour_style[colour]
        + 0.16 * rng.normal(size=(n, STYLE_DIMENSIONS))
    )

    base = np.log(np.array([c.price for c in CATEGORIES]))[category]
    spread = brand_level[brand] + rng.normal(0, 0.22, n)
    euros = np.maximum(np.round(np.exp(base + spread)), 5)
    price_cents = (euros * 100 - 5).astype(np.int64)
    cost_cents = np.round(price_cents * rng.uniform(0.32, 0.52, n)).astype(np.int64)

    fresh = rng.random(n) < 0.22
    age_days = np.where(
        fresh, -rng.integers(0, config.days, n), rng.exponential(170, n).astype(np.int64) + 1
    )
    launched_ms = config.start_ms - age_days * DAY_MS

    names, descriptions = _words(rng, category, brand, colour)
    by_category = [np.flatnonzero(category == k) for k in range(len(CATEGORIES))]
    by_department = [np.flatnonzero(department == k) for k in range(len(DEPARTMENTS))]
    return Catalogue(
        product_ids=[f"p{number:05d}" for number in range(1, n + 1)],
        names=names,
        descriptions=descriptions,
        category=category,
        department=department,
        brand=brand,
        colour=colour,
        pattern=(home_centre[brand] + rng.integers(0, 2, n)) % len(PATTERNS),
        price_cents=price_cents,
        cost_cents=cost_cents,
        launched_ms=launched_ms,
        popularity=rng.normal(0, 0.7, n),
        style=style,
        price_level=spread / 0.36,
        centres=centres,
        pools=tuple(by_category + by_department),
    )


def _words(
    rng: np.random.Generator, category: Ints, brand: Ints, colour: Ints
) -> tuple[list[str], list[str]]:
    """Names such as "Linen Wrap Dress, Sage", and one sentence of description each."""
    picks = rng.integers(0, 1_000_000, (len(category), 3)).tolist()
    fits = ("Cut close", "Cut straight", "Cut loose", "True to size")
    names, descriptions = [], []
    for kind, maker, shade, (first, second, third) in zip(
        category.tolist(), brand.tolist(), colour.tolist(), picks, strict=True
    ):
        garment = CATEGORIES[kind]
        material = garment.materials[first % len(garment.materials)]
        noun = garment.nouns[second % len(garment.nouns)]
        shade_name = COLOURS[shade][0]
        names.append(f"{material} {noun}, {shade_name}")
        descriptions.append(
            f"{noun} in {material.lower()} by {BRANDS[maker]}, {shade_name.lower()}. "
            f"{fits[third % len(fits)]}; for {garment.department}."
        )
    return names, descriptions


def season_of(config: SimulationConfig) -> Floats:
    """Log demand of each category on each day of the period, shape (days, categories)."""
    first = config.start_date
    day_of_year = np.array(
        [(first + timedelta(days=k)).timetuple().tm_yday for k in range(config.days)]
    )
    peak = np.array([category.season_peak for category in CATEGORIES])
    strength = np.array([category.season_strength for category in CATEGORIES])
    angle = 2 * np.pi * (day_of_year[:, None] - peak[None, :]) / 365.25
    demand: Floats = strength[None, :] * np.cos(angle)
    return demand
