"""Pages whose tables are made from results: what stands between two marks is made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

Results = TypeVar("Results")

BEGIN, END = "<!-- table: {} -->\n", "\n<!-- end -->"


def rendered(
    page: str, name: str, tables: Mapping[str, Callable[[Results], str]], results: Results
) -> str:
    """A page with its tables made anew.

    Args:
        page: its text.
        name: how errors call it.
        tables: what makes each table, by the name in its mark.
        results: what they are made from.

    Raises:
        ValueError: the page has no place for a table.
    """
    for table, make in tables.items():
        begin = BEGIN.format(table)
        if begin not in page:
            raise ValueError(f"{name} has no line '{begin.strip()}'")
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(END)
        page = before + begin + make(results) + END + after
    return page
