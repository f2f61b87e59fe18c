"""An export of an advertising platform, brought to one form and dropped into the inbox.

Nothing is judged here: what cannot be read is kept as it was written, and the warehouse rejects it
with a reason. All columns are texts for that.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.table import Table

from trasos.errors import InputError
from trasos.marketing.layouts import Layout

COLUMNS = (
    "export_name", "exported_at", "spend_date", "last_date", "channel", "campaign", "ad_id",
    "amount", "currency", "impressions", "clicks", "conversions",
)  # fmt: skip
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
#: The table's file, below an inbox's ``tables/``.
TABLE = "ad_exports.parquet"

Row = dict[str, str | None]


@dataclass(frozen=True)
class ImportedSpend:
    """What an import found.

    Attributes:
        target: the file that holds it, with the exports imported before.
        rows: rows of this export, as they were written; a wide row is one for each channel.
        unreadable: rows whose day or amount could not be read: the build will reject them.
        replaced: rows of an earlier import of the same name, now gone.
    """

    target: Path
    rows: tuple[Row, ...]
    unreadable: int
    replaced: int

    def table(self) -> Table:
        """Sums by channel and campaign, for people."""
        shown = Table("channel", "campaign", title="Imported spend", title_justify="left")
        names = ("rows", "amount", "clicks", "conversions")
        for name in (*names, "for each"):
            shown.add_column(name, justify="right")
        sums: dict[tuple[str, ...], dict[str, Decimal]] = {}
        for row in self.rows:
            key = tuple(row[name] or "" for name in ("channel", "campaign", "currency"))
            into = sums.setdefault(key, defaultdict(Decimal))
            into["rows"] += 1
            for name in names[1:]:
                into[name] += number(row[name]) or 0
        for (channel, campaign, currency), into in sorted(sums.items()):
            bought = into["conversions"]
            each = f"{into['amount'] / bought:,.2f}" if bought else "-"
            money = f"{into['amount']:,.2f} {currency}"
            counts = [f"{into[name]:,.0f}" for name in names[2:]]
            shown.add_row(channel, campaign, f"{into['rows']:,}", money, *counts, each)
        return shown


def import_spend(
    file: Path,
    layout: Layout,
    inbox: Path,
    currency: str | None = None,
    channel: str | None = None,
    name: str | None = None,
    at: datetime | None = None,
) -> ImportedSpend:
    """Bring an export to one form and add it to the inbox's table of exports.

    An export of the same name is replaced. Where two exports tell of the same ad and day, the
    warehouse takes the later one: platforms correct their figures for some days.

    Amounts are rounded to cents by running sums within a campaign, so that a campaign's total is
    right to the cent however many digits the platform writes.

    Args:
        file: CSV with a header, UTF-8.
        layout: what its columns are.
        inbox: folder of the source that is landed, such as ``inbox/ads``.
        currency: ISO 4217 code of all amounts, where the export does not say.
        channel: channel of all rows, instead of the layout's.
        name: what to call the export; the file's name if not given.
        at: when it was exported, for which of two is the later; the clock if not given.

    Raises:
        InputError: the file cannot be read or lacks columns, or nothing says which channel or
            currency.
    """
    currency, channel = currency or layout.currency, channel or layout.channel
    if currency is None and "currency" not in layout.columns:
        raise InputError(f"{file} does not say in which currency it is: give --currency EUR.")
    if channel is None and "channel" not in layout.columns and not layout.amounts:
        raise InputError(f"{file} does not say of which channel it is: give --channel social.")
    name, stamp = name or file.name, (at or datetime.now(UTC)).astimezone(UTC)
    fixed: Row = {
        "export_name": name,
        "exported_at": stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "channel": channel,
        "currency": currency,
    }
    rows, unreadable = _in_cents([fixed | row for row in _rows_of(file, layout)])
    target = inbox / "tables" / TABLE
    fresh = pa.Table.from_pylist([dict.fromkeys(COLUMNS) | row for row in rows], schema=SCHEMA)
    replaced = 0
    if target.exists():
        before = _known(target)
        others = before.filter(pc.not_equal(before["export_name"], name))
        replaced, fresh = len(before) - len(others), pa.concat_tables([others, fresh])
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"_{TABLE}")
    pq.write_table(fresh, draft, compression="zstd")
    draft.replace(target)
    return ImportedSpend(target, tuple(rows), unreadable, replaced)


def number(text: str | None) -> Decimal | None:
    """The number that a cell holds, with a point for the decimals; None where it holds none."""
    try:
        read = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _known(target: Path) -> pa.Table:
    try:
        return pq.read_table(target, schema=SCHEMA)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(
            f"{target} holds the exports imported before and cannot be read ({error}): remove it "
            "and import them again."
        ) from error


def _rows_of(file: Path, layout: Layout) -> Iterator[Row]:
    """The rows of an export in the order of the file, a wide one made long."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, delimiter=layout.delimiter)
            found = reader.fieldnames or []
            missing = [column for column in layout.wanted if column not in found]
            if missing:
                raise InputError(
                    f"{file} lacks the column(s) {', '.join(missing)}; it has "
                    f"{', '.join(found) or 'none'}. Choose another --layout, or describe this one "
                    "in a YAML file (docs/spend.md)."
                )
            for cells in reader:
                yield from _rows_of_line(cells, layout)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} cannot be read as CSV in UTF-8: {error}") from error


def _rows_of_line(cells: dict[str, Any], layout: Layout) -> Iterator[Row]:
    written = cells[layout.date]
    row: Row = {"spend_date": written, "last_date": None}
    try:
        day = datetime.strptime(written or "", layout.date_format).date()
    except ValueError:
        pass  # kept as it was written: the build rejects it as no_date
    else:
        row["spend_date"] = day.isoformat()
        row["last_date"] = (day + timedelta(days=layout.days - 1)).isoformat()
    for column, channel in layout.amounts.items():
        yield row | {"channel": channel, "amount": cells[column]}
    if not layout.amounts:
        yield row | {name: cells[column] for name, column in layout.columns.items()}


def _in_cents(rows: list[Row]) -> tuple[list[Row], int]:
    """Round amounts by running sums within a channel's campaign; count what cannot be read."""
    running: dict[tuple[str | None, ...], Decimal] = defaultdict(Decimal)
    unreadable, done = 0, []
    for row in rows:
        amount = number(row["amount"])
        if amount is None or row["last_date"] is None:
            unreadable += 1
        if amount is not None:
            key = (row.get("channel"), row.get("campaign"), row.get("currency"))
            before, running[key] = running[key], running[key] + amount
            row = row | {"amount": str(_cents(running[key]) - _cents(before))}
        done.append(row)
    return done, unreadable


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
