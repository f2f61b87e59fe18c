"""What an erasure did, or would do, and what the search says; as tables for people."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from trasos.erasure.search import Layer


@dataclass
class ErasureReport:
    """What was done, and the proof.

    Attributes:
        what: one sentence on what this is.
        steps: what went or would go, and how much of it.
        layers: the search through what Trasos keeps; empty where nothing was searched.
        outside: files of the shop that still hold the person.
        proves: whether hits mean that something failed; before an erasure they do not.
    """

    what: str
    steps: list[tuple[str, int]] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    proves: bool = True

    @property
    def hits(self) -> int:
        """Places that hold the person."""
        return sum(layer.hits for layer in self.layers)

    @property
    def failed(self) -> bool:
        """Whether the person is still there and should not be."""
        return self.proves and self.hits > 0

    @property
    def summary(self) -> str:
        """What the search says, in a sentence."""
        files = sum(layer.files for layer in self.layers)
        megabytes = sum(layer.size for layer in self.layers) / 1e6
        searched = f"{files:,} files, {megabytes:,.1f} MB searched"
        if not self.proves:
            return f"Nothing was changed. {searched}: {self.hits:,} places hold the person."
        if not self.hits:
            return f"Proved: {searched}, and none of them holds the person."
        return (
            f"NOT proved: {searched}, and {self.hits:,} places still hold the person. Look at the "
            "places above: what names the person within another customer's rows has to be taken "
            "out at the shop and landed again, what somebody else put there by hand."
        )

    def tables(self) -> Group:
        """Lay out the steps, the search and the shop's own files for a terminal."""
        parts: list[RenderableType] = [escape(self.what)]
        if self.steps:
            steps = _table("what", "count")
            for name, amount in self.steps:
                steps.add_row(escape(name), f"{amount:,}")
            parts.append(steps)
        if self.layers:
            parts.append(self._search())
        if self.outside:
            some = "\n".join(f"  {escape(path)}" for path in self.outside[:10])
            more = len(self.outside) - 10
            parts.append(
                "The shop's own files still hold the person; delete them there. Landing refuses "
                f"the person's lines whatever they hold:\n{some}"
                + (f"\n  and {more:,} more" if more > 0 else "")
            )
        return Group(*parts)

    def _search(self) -> Table:
        table = _table("searched", "files", "bytes", "hits")
        for layer in self.layers:
            row = (f"{layer.files:,}", f"{layer.size:,}", f"{layer.hits:,}")
            table.add_row(escape(layer.name), *row)
            for place in layer.where:
                table.add_row(f"  {escape(place)}", "", "", "")
        return table


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    return table
