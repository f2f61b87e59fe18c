"""How the exports of advertising platforms are laid out: which column is what.

A layout is data. Those below are the worked examples; a shop writes its own as a YAML file with
the same names (docs/spend.md).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from trasos.errors import ConfigurationError

#: What a row says of itself, by the column that says it.
CELLS = ("channel", "campaign", "ad_id", "amount", "currency", "impressions", "clicks",
         "conversions")  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """One layout of an export.

    A long export has a row for each day and campaign or ad; a wide one has a column of amounts
    for each channel.

    Attributes:
        date: column of the day, or of the first day where a row covers several.
        date_format: how it is written, as in ``datetime.strptime``.
        days: days that a row covers, from its date on: 7 for weekly exports.
        columns: for a long export, the column that holds each of ``CELLS``, as far as there is one.
        channel: the channel of all rows, where no column tells: an account of one platform.
        currency: ISO 4217 code of all amounts, where no column tells.
        amounts: for a wide export, the channel of each column of amounts.
        delimiter: what stands between two cells.
    """

    date: str
    date_format: str = "%Y-%m-%d"
    days: int = 1
    columns: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    currency: str | None = None
    amounts: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","

    def __post_init__(self) -> None:
        """Refuse what cannot be read by.

        Raises:
            ConfigurationError: neither or both of long and wide, an unknown cell, no days.
        """
        if ("amount" in self.columns) == bool(self.amounts):
            raise ConfigurationError(
                "A spend layout names either the column of amounts (columns: {amount: …}) or a "
                "column for each channel (amounts: {…: channel}), not both and not neither."
            )
        unknown = sorted(set(self.columns) - set(CELLS))
        if unknown:
            raise ConfigurationError(
                f"A spend layout has columns for {', '.join(unknown)}; it knows {', '.join(CELLS)}."
            )
        if not 1 <= self.days <= 366:
            raise ConfigurationError(
                f"A spend layout has days: {self.days}; a row covers 1 to 366 days."
            )

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns that an export of this layout must have."""
        return (self.date, *self.columns.values(), *self.amounts)


LAYOUTS: dict[str, Layout] = {
    # Our own names, for who can write an export as they like.
    "plain": Layout(
        date="spend_date",
        columns={name: name for name in CELLS if name != "ad_id"},
    ),
    # Facebook's ads by day; what it calls approved is what was bought.
    "facebook": Layout(
        date="Date",
        date_format="%d-%m-%Y",
        columns={
            "campaign": "xyz_campaign_id",
            "ad_id": "ad_id",
            "amount": "Spent",
            "impressions": "Impressions",
            "clicks": "Clicks",
            "conversions": "Approved_Conversion",
        },
        channel="social",
    ),
    # A media plan by week, as marketing-mix models read it (Robyn's demo): a column a channel.
    "weekly_wide": Layout(
        date="DATE",
        days=7,
        amounts={
            "tv_S": "tv",
            "ooh_S": "out_of_home",
            "print_S": "print",
            "facebook_S": "social",
            "search_S": "search",
        },
    ),
}


def layout_of(name: str) -> Layout:
    """A layout by its name, or from a YAML file.

    Args:
        name: a name of ``LAYOUTS``, or the path of a file that ends in ``.yml`` or ``.yaml``.

    Raises:
        ConfigurationError: there is no such layout, or the file does not describe one.
    """
    if name in LAYOUTS:
        return LAYOUTS[name]
    if not name.endswith((".yml", ".yaml")):
        raise ConfigurationError(
            f"There is no spend layout {name!r}: use {', '.join(LAYOUTS)}, or the path of a YAML "
            "file that describes one (docs/spend.md)."
        )
    try:
        content: Any = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"The spend layout {name} cannot be read: {error}") from error
    known = {one.name for one in dataclasses.fields(Layout)}
    if not isinstance(content, dict) or "date" not in content or set(content) - known:
        raise ConfigurationError(
            f"The spend layout {name} is no mapping of {', '.join(sorted(known))} with at least "
            "date: docs/spend.md shows one."
        )
    return Layout(**content)
