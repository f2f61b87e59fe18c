"""What a check found, as figures, as JSON and as tables for people."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True)
class Example:
    """One line that is not accepted.

    Attributes:
        line: its number, from 1; of a Parquet file the row's.
        says: what the contract says of it; empty where the reason says all.
    """

    line: int
    says: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """Lines that end in the same place for the same reason.

    Attributes:
        outcome: ``duplicate``, ``rejected`` or ``dead letter``.
        reason: why; empty for duplicates.
        count: how many lines.
        examples: the first of them.
    """

    outcome: str
    reason: str
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class CheckReport:
    """What would become of every line of a file; the counts add up to ``lines``.

    Attributes:
        file: the file.
        source: the source whose models judged it.
        lines: physical lines; rows of a Parquet file.
        blank: lines of white space, which are passed over.
        accepted: lines that would be taken in.
        outcomes: all other lines.
    """

    file: Path
    source: str
    lines: int
    blank: int
    accepted: int
    outcomes: tuple[Outcome, ...]

    @property
    def refused(self) -> int:
        """Lines that would be lost to the shop: rejected and dead letters."""
        return sum(one.count for one in self.outcomes if one.outcome != "duplicate")

    @property
    def summary(self) -> str:
        """The result in one sentence."""
        if self.lines == self.blank:
            return "The file holds no event."
        if self.refused:
            return f"{self.refused:,} of {self.lines:,} lines would not be accepted."
        copies = ", but for copies of others" if self.outcomes else ""
        return f"Every line would be accepted{copies}."

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values, for machines."""
        return {
            **dataclasses.asdict(self),
            "file": str(self.file),
            "refused": self.refused,
        }

    def tables(self) -> Group:
        """Lay the report out for a terminal: the counts, then the examples."""
        counts = _table(f"{self.file.name} as events of {self.source}")
        counts.add_column("what becomes of it", overflow="fold")
        counts.add_column("lines", justify="right")
        counts.add_row("accepted", f"{self.accepted:,}")
        if self.blank:
            counts.add_row("blank, passed over", f"{self.blank:,}")
        examples = _table("The first of each")
        examples.add_column("line", justify="right")
        examples.add_column("why", overflow="fold", max_width=24)
        examples.add_column("what the contract says", overflow="fold")
        for one in self.outcomes:
            colour = "yellow" if one.outcome == "duplicate" else "red"
            what = f"{one.outcome}: {one.reason}" if one.reason else one.outcome
            counts.add_row(f"[{colour}]{escape(what)}[/{colour}]", f"{one.count:,}")
            for example in one.examples:
                says = escape("\n".join(example.says))
                examples.add_row(f"{example.line:,}", escape(one.reason or one.outcome), says)
        return Group(counts, examples) if self.outcomes else Group(counts)


def _table(title: str) -> Table:
    # As wide as its title, which would be folded otherwise.
    return Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        min_width=len(title),
    )
