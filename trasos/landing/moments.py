"""When an event truly happened, as far as its envelope tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def utc_moment(text: Any) -> datetime | None:
    """Read ISO 8601 as UTC without zone; None where it cannot be read as a moment."""
    if type(text) is not str:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def happened_at(original: Any, sent: Any, received: Any) -> datetime | None:
    """When an event truly happened: the device's clock, corrected as staging does it."""
    at, device, server = (utc_moment(text) for text in (original, sent, received))
    if at is None or device is None or server is None:
        return at
    try:
        return server - (device - at)
    except OverflowError:
        return None
