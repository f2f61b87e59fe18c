"""Ids as whole tokens: ``c1`` is neither in ``c12`` nor in ``abc-c1``."""

from __future__ import annotations

import re
from collections.abc import Iterable


def is_telling(value: str) -> bool:
    """Whether an id can be told from a count or a price wherever it stands: it is no number."""
    return not re.fullmatch(r"[\d.+-]*", value)


def anywhere(ids: Iterable[str]) -> str:
    """A regular expression for any of the ids, also within longer words."""
    return "|".join(_escaped(one) for one in sorted(ids))


def whole(ids: Iterable[str]) -> str:
    """A regular expression for any of the ids as a whole token.

    Python, RE2 (DuckDB, Arrow) and bytes understand it alike: it looks around nowhere.
    """
    return f"(?:^|[^A-Za-z0-9_-])(?:{anywhere(ids)})(?:$|[^A-Za-z0-9_-])"


def _escaped(value: str) -> str:
    # re.escape puts a backslash before blanks too, which RE2 refuses.
    return "".join(one if one.isalnum() or one in "_ " else f"\\{one}" for one in value)
