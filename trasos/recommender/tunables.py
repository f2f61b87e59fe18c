"""Numbers and names that tune something, each with its unit, its range and its reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Self

from trasos.errors import ConfigurationError


def tunable(default: Any, unit: str, reason: str, low: float, high: float = math.inf) -> Any:
    """A field that knows its unit, why it has this value, and the range that makes sense."""
    return field(
        default=default, metadata={"unit": unit, "reason": reason, "low": low, "high": high}
    )


def names(default: tuple[str, ...], reason: str) -> Any:
    """A field that holds event types."""
    return field(default=default, metadata={"unit": "event types", "reason": reason})


def choice(choices: tuple[str, ...], reason: str) -> Any:
    """A field that takes one of some words, the first where nothing is said."""
    metadata = {"unit": " or ".join(choices), "reason": reason, "choices": choices}
    return field(default=choices[0], metadata=metadata)


@dataclass(frozen=True)
class Tunables:
    """Base of what can be tuned; the metadata of each field holds unit, range and reason.

    Attributes:
        called: how messages call one of them.

    Raises:
        ConfigurationError: a value outside its range.
    """

    called: ClassVar[str] = "Parameter"

    def __post_init__(self) -> None:
        """Hold every number to its range, and give equal parameters one spelling."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(each.default, tuple):
                spelt = tuple(sorted({event_type_key(name) for name in value} - {""}))
                object.__setattr__(self, each.name, spelt)
                if not spelt:
                    raise ConfigurationError(
                        f"{self.called} {each.name} is empty: name at least one value "
                        "of the column event_type."
                    )
                continue
            if "choices" in each.metadata:
                if value not in each.metadata["choices"]:
                    raise ConfigurationError(
                        f"{self.called} {each.name} is {value!r}: "
                        f"{each.metadata['unit']} is wanted."
                    )
                continue
            low, high = each.metadata["low"], each.metadata["high"]
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigurationError(
                    f"{self.called} {each.name} is {value!r}: it must lie in "
                    f"[{low:g}, {high:g}] ({each.metadata['unit']})."
                )
            if isinstance(each.default, int) and value != int(value):
                raise ConfigurationError(
                    f"{self.called} {each.name} is {value!r}: a whole number is wanted."
                )
            object.__setattr__(self, each.name, _like(each.default, value))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Read parameters as dbt vars hand them over: numbers, or numbers in strings.

        Args:
            values: parameter name to value; None and names left out mean the default; a list of
                event types may also be one string with commas.

        Raises:
            ConfigurationError: an unknown name, a value that does not parse or is out of range.
        """
        known = {each.name: each.default for each in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ConfigurationError(
                f"Unknown {cls.called.lower()}(s) {', '.join(unknown)}; known are: "
                f"{', '.join(sorted(known))}."
            )
        given = {name: value for name, value in values.items() if value is not None}
        return cls(
            **{name: _parse(cls.called, name, value, known[name]) for name, value in given.items()}
        )

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces; equal parameters give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def event_type_key(name: str) -> str:
    """The spelling under which event types are compared: "Order Completed" is order_completed."""
    return "_".join(name.strip().lower().split())


def _like(default: Any, value: Any) -> Any:
    """A number of the default's type, so that 30 and 30.0 days are one parameter."""
    return int(value) if isinstance(default, int) else float(value)


def _parse(called: str, name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return _parse_names(called, name, value)
    if isinstance(default, str):
        return str(value).strip().lower()
    if isinstance(value, bool):
        raise ConfigurationError(
            f"{called} {name} is {value!r}: a number is wanted, as in {default!r}."
        )
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{called} {name} is {value!r}: a number is wanted, as in {default!r}."
        ) from error
    if not isinstance(default, int):
        return number
    if not number.is_integer():
        raise ConfigurationError(
            f"{called} {name} is {value!r}: a whole number is wanted, as in {default!r}."
        )
    return int(number)


def _parse_names(called: str, name: str, value: Any) -> tuple[str, ...]:
    parts: Iterable[Any] = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Iterable) or not all(isinstance(part, str) for part in parts):
        raise ConfigurationError(
            f"{called} {name} is {value!r}: a list of names, or one text with commas, is wanted."
        )
    return tuple(parts)
