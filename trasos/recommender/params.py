"""Every number and name that tunes the recommender, with its unit, its range and its reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from trasos.errors import ConfigurationError


def _tunable(default: Any, unit: str, reason: str, low: float, high: float = math.inf) -> Any:
    """A field that knows its unit, why it has this value, and the range that makes sense."""
    return field(
        default=default, metadata={"unit": unit, "reason": reason, "low": low, "high": high}
    )


def _names(default: tuple[str, ...], reason: str) -> Any:
    return field(default=default, metadata={"unit": "event types", "reason": reason})


def _choice(choices: tuple[str, ...], reason: str) -> Any:
    """A field that takes one of some words, the first where nothing is said."""
    metadata = {"unit": " or ".join(choices), "reason": reason, "choices": choices}
    return field(default=choices[0], metadata=metadata)


@dataclass(frozen=True)
class RecommenderParams:
    """What can be tuned; the metadata of each field holds unit, range and reason.

    Raises:
        ConfigurationError: a value outside its range.
    """

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

    als_solver: str = _choice(
        ("implicit", "spark"), "one machine does it in seconds; Spark where it no longer can"
    )
    als_factors: int = _tunable(64, "dimensions", "more gains little below 50,000 products", 1, 512)
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

    def __post_init__(self) -> None:
        """Hold every number to its range, and give equal parameters one spelling."""
        for tunable in fields(self):
            value = getattr(self, tunable.name)
            if isinstance(tunable.default, tuple):
                names = tuple(sorted({event_type_key(name) for name in value} - {""}))
                object.__setattr__(self, tunable.name, names)
                if not names:
                    raise ConfigurationError(
                        f"Recommender parameter {tunable.name} is empty: name at least one value "
                        "of the column event_type."
                    )
                continue
            if "choices" in tunable.metadata:
                if value not in tunable.metadata["choices"]:
                    raise ConfigurationError(
                        f"Recommender parameter {tunable.name} is {value!r}: "
                        f"{tunable.metadata['unit']} is wanted."
                    )
                continue
            low, high = tunable.metadata["low"], tunable.metadata["high"]
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigurationError(
                    f"Recommender parameter {tunable.name} is {value!r}: it must lie in "
                    f"[{low:g}, {high:g}] ({tunable.metadata['unit']})."
                )
            object.__setattr__(self, tunable.name, _like(tunable.default, value))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> RecommenderParams:
        """Read parameters as dbt vars hand them over: numbers, or numbers in strings.

        Args:
            values: parameter name to value; None and names left out mean the default; a list of
                event types may also be one string with commas.

        Raises:
            ConfigurationError: an unknown name, a value that does not parse or is out of range.
        """
        known = {tunable.name: tunable.default for tunable in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ConfigurationError(
                f"Unknown recommender parameter(s) {', '.join(unknown)}; known are: "
                f"{', '.join(sorted(known))}."
            )
        given = {name: value for name, value in values.items() if value is not None}
        return cls(**{name: _parse(name, value, known[name]) for name, value in given.items()})

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces; equal parameters give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def event_type_key(name: str) -> str:
    """The spelling under which event types are compared: "Order Completed" is order_completed."""
    return "_".join(name.strip().lower().split())


def _like(default: Any, value: Any) -> Any:
    """A number of the default's type, so that 30 and 30.0 days are one parameter."""
    return int(value) if isinstance(default, int) else float(value)


def _parse(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return _parse_names(name, value)
    if isinstance(default, str):
        return str(value).strip().lower()
    if isinstance(value, bool):
        raise ConfigurationError(
            f"Recommender parameter {name} is {value!r}: a number is wanted, as in {default!r}."
        )
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"Recommender parameter {name} is {value!r}: a number is wanted, as in {default!r}."
        ) from error
    if not isinstance(default, int):
        return number
    if not number.is_integer():
        raise ConfigurationError(
            f"Recommender parameter {name} is {value!r}: a whole number is wanted, "
            f"as in {default!r}."
        )
    return int(number)


def _parse_names(name: str, value: Any) -> tuple[str, ...]:
    parts: Iterable[Any] = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Iterable) or not all(isinstance(part, str) for part in parts):
        raise ConfigurationError(
            f"Recommender parameter {name} is {value!r}: a list of names, or one text with commas, "
            "is wanted."
        )
    return tuple(parts)
