"""Every number and name that tunes the recommender, with its unit, its range and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trasos.recommender.tunables import Tunables, event_type_key
from trasos.recommender.tunables import choice as _choice
from trasos.recommender.tunables import names as _names
from trasos.recommender.tunables import tunable as _tunable

__all__ = ["RecommenderParams", "event_type_key"]


@dataclass(frozen=True)
class RecommenderParams(Tunables):
    """What can be tuned; the metadata of each field holds unit, range and reason.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Recommender parameter"

    seed: int = _tunable(
        7, "-", "one seed for ALS, chance and the bootstrap: the same data, the same answer", 0
    )
    list_length: int = _tunable(
        20, "products", "of each person's and each product's list: two screens of a phone", 1, 1000
    )
    half_life_days: float = _tunable(
        30.0, "days", "fashion is short-lived: last month's event counts half of today's", 0.01
    )
    order_event_types: tuple[str, ...] = _names(
        ("item_purchased", "order_completed"), "what counts as bought, never recommended again"
    )
    relevant_event_types: tuple[str, ...] = _names(
        ("item_purchased", "order_completed", "product_added", "product_viewed"),
        "what a person chose to open or take; scrolls and clicks follow from where it was shown",
    )

    covisitation_window: int = _tunable(
        10, "distinct products", "further apart in a session says little", 1, 100
    )
    covisitation_gap_decay: float = _tunable(
        0.7, "factor a step", "the next product says more than the fifth", 0.01, 1.0
    )
    covisitation_backward: float = _tunable(
        0.5, "factor", "seen before says less than seen after", 0.0, 1.0
    )
    covisitation_history: float = _tunable(
        0.2, "factor", "pairs across one person's sessions help where sessions are short", 0.0, 1.0
    )
    covisitation_popularity_power: float = _tunable(
        0.35, "exponent", "damps bestsellers, which go with everything", 0.0, 1.0
    )
    covisitation_neighbours: int = _tunable(
        200, "products", "neighbours beyond this rank are noise and memory", 1
    )
    history_decay: float = _tunable(
        0.8, "factor a product", "how fast an earlier product of a person fades", 0.01, 1.0
    )
    history_length: int = _tunable(
        100, "distinct products", "caps crawlers and the most ardent; their latest count", 1
    )

    rp3beta_alpha: float = _tunable(
        0.7,
        "exponent",
        "below 1 the seldom taken steps of a walk count more than their share",
        0.0,
        3,
    )
    rp3beta_beta: float = _tunable(
        0.2,
        "exponent",
        "damps what every walk ends at; Gowalla's validation part chose it",
        0.0,
        2.0,
    )
    rp3beta_neighbours: int = _tunable(
        300, "products", "of each product; beyond this rank they are noise and memory", 1
    )

    cart_event_types: tuple[str, ...] = _names(
        ("product_added",), "what counts as put into the cart: more than a look, less than a buy"
    )

    alike_dimensions: int = _tunable(
        16, "dimensions", "of taste in which people are near: the strongest that ALS found", 1, 512
    )
    alike_neighbours: int = _tunable(
        100, "persons", "alike: enough for a popularity of their own, few enough for a taste", 1
    )
    alike_sharpness: float = _tunable(
        4.0, "exponent", "of the cosine: the nearest of the neighbours count most", 0.0, 64.0
    )
    alike_half_life_days: float = _tunable(
        10.0, "days", "what people alike met of late; what is new has no other friends", 0.01
    )
    alike_pool: int = _tunable(
        20_000, "persons", "among the latest active, so that a large shop stays quick", 1
    )
    trend_days: int = _tunable(
        7, "days", "a trend is these days beside the three times as many before", 1, 90
    )

    arrival_persons: int = _tunable(
        20, "persons", "who met a product make it known; below, what it is tells more", 1
    )

    candidate_depth: int = _tunable(
        40, "products", "from each source: recall rises beyond, the first ten do not", 1, 10_000
    )
    ranking: str = _choice(
        ("measured", "never"), "the ranker serves where it is shown to beat the blend"
    )
    ranking_slices: int = _tunable(
        4,
        "slices",
        "weeks whose outcomes are learnt from; the last ends where validation begins",
        1,
    )
    ranking_slice_days: int = _tunable(
        7, "days", "of outcomes in a slice: each weekday once", 1, 365
    )
    ranking_persons: int = _tunable(
        1000, "persons", "learnt from in a slice at most: more changes little", 1
    )
    ranking_min_persons: int = _tunable(
        200, "persons", "learnt from in all slices; with fewer the blend serves", 2
    )
    ranking_negatives: int = _tunable(
        30, "products", "not chosen, drawn for each person: as good as all, at a fraction", 1
    )
    ranking_trees: int = _tunable(
        80, "trees", "at this rate validation gains nothing from more", 1, 10_000
    )
    ranking_leaves: int = _tunable(
        6, "leaves", "a tree: deeper ones learnt by heart on the simulated shop", 2, 1024
    )
    ranking_rate: float = _tunable(0.1, "share", "of each tree that is believed", 1e-4, 1.0)
    ranking_leaf_rows: int = _tunable(50, "rows", "a leaf at least, against chance", 1)

    sql_engine: str = _choice(
        ("duckdb", "spark"),
        "what counts candidates and features: one machine, or Spark where it no longer can",
    )
    als_solver: str = _choice(
        ("implicit", "trasos", "spark"),
        "one machine does it in seconds, trasos in a third of them; Spark where it no longer can",
    )
    als_frequency_power: float = _tunable(
        0.0,
        "exponent",
        "regularizes by how much is known of each: 0 alike, 1 in proportion; trasos' solver alone",
        0.0,
        1.0,
    )
    als_factors: int = _tunable(
        64, "dimensions", "more gains little below 50,000 products of a shop", 1, 4096
    )
    als_iterations: int = _tunable(8, "passes", "ranking saturates by the fourth", 1, 200)
    als_regularization: float = _tunable(
        30.0, "-", "not scaled by frequency; a third and three times of it are tried too", 0.0
    )
    als_alpha: float = _tunable(
        10.0, "-", "confidence is 1 + alpha * scaled weight; below 2 seen equals unseen", 2.0
    )

    test_days: int = _tunable(14, "days", "two weeks hold each weekday twice", 1)
    validation_days: int = _tunable(
        14, "days", "as long as the test, so that weights are tuned for its horizon", 1
    )
    tuning_persons: int = _tunable(
        2000, "persons", "enough to order the blends, few enough for seconds", 1
    )
    heavy_products: int = _tunable(
        20, "distinct products", "the slice 'heavy' saw at least this many before the split", 1
    )
    on_sale_evidence_days: int = _tunable(
        28,
        "days",
        "off sale today, but met this shortly before the split: it was on sale then",
        0,
    )
    bootstrap_resamples: int = _tunable(
        2000, "resamples", "the ends of a 95 % interval stand to two digits", 100
    )
    confidence: float = _tunable(0.95, "share", "the field's habit", 0.5, 0.999)
    min_persons: int = _tunable(30, "persons", "below this no verdict is spoken", 2)
