"""The JSON Schema of one event, and what it says of an event that does not fit.

The warehouse's models decide what becomes of a row; the schema tells producers the same rules in
words of their own side. ``SEEN`` and ``UNSEEN`` say how far it can.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

#: Reasons for which the warehouse rejects a row and the schema an event.
SEEN = (
    "no_event_id",
    "no_visitor_id",
    "unreadable_time",
    "unknown_event_type",
    "unreadable_json",
    "unreadable_quantity",
    "unreadable_unit_price",
    "unreadable_position",
    "negative_price",
    "negative_quantity",
    "order_without_id",
    "no_product_id",
)
#: Reasons for which the warehouse rejects a row that a schema cannot see, and why it cannot.
UNSEEN = {
    "time_in_future": (
        "The schema sees one field at a time: the event lies too far after its receivedAt, the "
        "device's clock being corrected by sentAt, and only the three together tell."
    ),
}

#: How much of a value is shown.
_SHOWN = 60


@dataclass(frozen=True)
class Objection:
    """What the schema says of one place of an event.

    Attributes:
        path: the place as a JSON path, such as ``$.properties.price``.
        sentence: what stands there, and what is wanted.
    """

    path: str
    sentence: str

    def __str__(self) -> str:
        """Put the place and the sentence on one line."""
        return f"{self.path} {self.sentence}"


@functools.cache
def event_schema() -> dict[str, Any]:
    """Read the JSON Schema (draft 2020-12) of one event."""
    text = files("trasos.contract").joinpath("event.schema.json").read_bytes()
    return dict(orjson.loads(text))


def objections(event: Any) -> list[Objection]:
    """Say what the schema has against an event.

    Args:
        event: a parsed line.

    Returns:
        One objection a place, in the order of the places; none where the event fits.
    """
    found: dict[str, Objection] = {}
    for error in _validator().iter_errors(event):
        for objection in _told(error):
            # Of two rules for one place, that of the kind of event comes last and says more.
            found[objection.path] = objection
    return [found[path] for path in sorted(found)]


@functools.cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(event_schema())


def _told(error: ValidationError) -> list[Objection]:
    if error.validator == "required":
        places = error.schema["properties"]
        return [
            Objection(
                f"{error.json_path}.{name}", f"is missing. Wanted: {places[name]['description']}"
            )
            for name in error.validator_value
            if name not in error.instance
        ]
    value = orjson.dumps(error.instance, default=str).decode()
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    return [Objection(error.json_path, f"is {shown}. Wanted: {error.schema['description']}")]
