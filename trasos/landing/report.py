"""What a call of landing did, as figures and as a table for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from trasos.landing.pseudonyms import VARIABLE

KEY_MISSING = f"No {VARIABLE} is set: e-mail addresses and the like are dropped, not hashed."


@dataclass(frozen=True)
class LandedBatch:
    """One event file that was landed.

    Attributes:
        name: the file, relative to the inbox.
        folder: where its batch lies.
        lines: physical lines; rows for a Parquet file.
        events: rows of ``events.parquet``.
        blank: lines of white space.
        dead: dead letters by reason.
        size: bytes of the file in the inbox.
    """

    name: str
    folder: Path
    lines: int
    events: int
    blank: int
    dead: Counter[str]
    size: int


@dataclass
class LandingReport:
    """What a call of ``land`` did.

    Attributes:
        source: name of the source.
        batches: event files landed now.
        tables: tables written now, name and rows.
        already: files whose content was landed before.
        refused: files that could not be landed, name and reason; they stay in the inbox.
        ignored: files that are none of landing's business, name and reason.
        key_missing: whether something was dropped that a key would have let become a hash.
    """

    source: str
    batches: list[LandedBatch] = field(default_factory=list)
    tables: list[tuple[str, int]] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    key_missing: bool = False

    @property
    def lines(self) -> int:
        """Physical lines (rows of Parquet) of the event files landed now."""
        return sum(batch.lines for batch in self.batches)

    @property
    def events(self) -> int:
        """Events landed now."""
        return sum(batch.events for batch in self.batches)

    @property
    def blank(self) -> int:
        """Blank lines of the event files landed now."""
        return sum(batch.blank for batch in self.batches)

    @property
    def dead_letters(self) -> Counter[str]:
        """Dead letters by reason."""
        return sum((batch.dead for batch in self.batches), Counter())

    @property
    def bytes(self) -> int:
        """Bytes of the event files landed now, as they lie in the inbox."""
        return sum(batch.size for batch in self.batches)

    def table(self, verbose: bool = False) -> Table:
        """Lay the report out for a terminal.

        Args:
            verbose: list every file instead of sums, the ignored ones with their reasons too.
        """
        table = Table(title=f"Landed from {escape(self.source)}", title_justify="left")
        table.add_column("what")
        table.add_column("count", justify="right")
        table.add_column("note", overflow="fold")
        megabytes = self.bytes / 1e6
        table.add_row("event files", f"{len(self.batches):,}", f"{megabytes:,.1f} MB")
        if verbose:
            for batch in self.batches:
                table.add_row("", f"{batch.events:,}", escape(batch.name))
        table.add_row("lines", f"{self.lines:,}", f"{self.blank:,} blank" if self.blank else "")
        table.add_row("events", f"{self.events:,}", "")
        dead = self.dead_letters
        table.add_row("dead letters", f"{dead.total():,}", "")
        for reason, count in dead.most_common():
            table.add_row("", f"{count:,}", escape(reason))
        tables = ", ".join(f"{name} ({rows:,} rows)" for name, rows in self.tables)
        table.add_row("tables", f"{len(self.tables):,}", escape(tables))
        names = ", ".join(self.already) if verbose else ""
        table.add_row("landed before", f"{len(self.already):,}", escape(names))
        table.add_row("ignored files", f"{len(self.ignored):,}", "")
        if verbose:
            for name, reason in self.ignored:
                table.add_row("", "", escape(f"{name}: {reason}"))
        if self.key_missing:
            table.add_row("[yellow]personal data[/yellow]", "", KEY_MISSING)
        if self.refused:
            table.add_row("[red]refused files[/red]", f"{len(self.refused):,}", "")
            for name, reason in self.refused:
                table.add_row("", "", f"[red]{escape(f'{name}: {reason}')}[/red]")
        return table
