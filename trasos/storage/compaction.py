"""Merging many small batches of a load day into few files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from rich import box
from rich.markup import escape
from rich.table import Table

from trasos.errors import InputError
from trasos.landing.ledger import only_lander
from trasos.settings import Settings
from trasos.storage.days import EVENTS, LandedDay, LandedFolder, landed_days
from trasos.storage.guard import no_build
from trasos.storage.rewriting import files_of, rewrite_day
from trasos.storage.sizes import human

#: Bytes of an event file that is large enough: two of them are not merged to more than that.
LARGE = 256 * 1024 * 1024

#: Told about progress: the source and day at hand, days done, days in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Merge:
    """The merging of one load day.

    Attributes:
        source: name of the source.
        day: the folder of the day.
        folders: folders of the day before and after.
        rows: events of the day.
        size: bytes of the day before.
        size_after: bytes of the day after; None in a dry run.
    """

    source: str
    day: Path
    folders: tuple[int, int]
    rows: int
    size: int
    size_after: int | None = None


@dataclass(frozen=True)
class CompactionReport:
    """What a compaction did, or would do.

    Attributes:
        merges: the days, in the order of source and day.
        applied: whether it was done.
    """

    merges: tuple[Merge, ...]
    applied: bool

    def table(self) -> Table:
        """Lay the report out for a terminal."""
        title = "Merged" if self.applied else "Would be merged (dry run)"
        table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for head in ("source", "load day", "events", "folders", "after", "bytes", "after"):
            table.add_column(head, justify="left" if head in ("source", "load day") else "right")
        for merge in self.merges:
            table.add_row(
                escape(merge.source),
                merge.day.name.removeprefix("load_date="),
                *(f"{count:,}" for count in (merge.rows, *merge.folders)),
                human(merge.size),
                "" if merge.size_after is None else human(merge.size_after),
            )
        return table

    @property
    def summary(self) -> str:
        """One sentence on what was done, or what to do."""
        if not self.merges:
            return "Nothing to merge: no load day has two small batches of one shape."
        files = sum(before - after for (before, after) in (one.folders for one in self.merges))
        if self.applied:
            return f"Load days merged: {len(self.merges):,}; folders fewer: {files:,}."
        return (
            f"Load days to merge: {len(self.merges):,}; folders fewer: {files:,}. Nothing was "
            "changed: give --apply to do it."
        )


def compact(
    settings: Settings,
    source: str | None = None,
    apply: bool = False,
    large: int = LARGE,
    progress: Progress | None = None,
) -> CompactionReport:
    """Merge small batches of each load day, keeping every row, column, type and order.

    Batches of one schema that follow one another in time become one folder, as long as its event
    file stays within ``large``. Batches of other schemas, such as Parquet of other columns, get a
    folder of their own kind: a reader with ``union_by_name`` sees the same columns as before.

    Builds are kept out while a day changes its place. ``landing/`` is for builds alone: whoever
    else lists its files at that very moment may find a part of them.

    Args:
        settings: where things lie.
        source: only this source; all if not given.
        apply: do it; otherwise only say what would be done, and change nothing.
        large: bytes of an event file that need no merging.
        progress: called before each day.

    Raises:
        InputError: nothing is landed for ``source``; a batch is damaged. Days before it are done.
        NotReadyError: another process is landing, or a build is running. Days before it are done.
    """
    if not apply:
        merges = [_merge(*step) for step in _plan(settings.landing, source, large)]
        return CompactionReport(tuple(merges), False)
    merges = []
    if settings.landing.is_dir() or source is not None:
        with only_lander(settings.landing) as workshop:
            with no_build(settings.warehouse):
                pass  # a build is told of at once, not after the first day's work
            planned = list(_plan(settings.landing, source, large))
            for done, (day, groups) in enumerate(planned):
                if progress:
                    progress(f"{day.source} {day.day}", done, len(planned))
                merge = _merge(day, groups)
                size = rewrite_day(day, workshop, settings.warehouse, groups)
                merges.append(replace(merge, size_after=size))
    return CompactionReport(tuple(merges), True)


def _plan(
    landing: Path, source: str | None, large: int
) -> Iterator[tuple[LandedDay, list[list[LandedFolder]]]]:
    """Yield the days that have something to merge."""
    for day in landed_days(landing, source):
        if len(day.folders) > 1:
            groups = groups_of(day, large)
            if len(groups) < len(day.folders):
                yield day, groups


def groups_of(day: LandedDay, large: int | None) -> list[list[LandedFolder]]:
    """Put folders of a day together that can be one.

    Args:
        day: a load day.
        large: bytes that the event files of a group may have in all; None for no limit.

    Returns:
        The folders, each once. Those of a group have one schema and do not overlap in time.
    """
    shapes = _shapes(day)
    newest: dict[tuple[object, ...], list[LandedFolder]] = {}
    groups: list[list[LandedFolder]] = []
    for folder in day.folders:
        group = newest.get(shapes[folder.path])
        size = sum(one.size(EVENTS) for one in (*(group or ()), folder))
        if group and (large is None or size <= large) and group[-1].last < folder.first:
            group.append(folder)
        else:
            newest[shapes[folder.path]] = group = [folder]
            groups.append(group)
    return groups


def _shapes(day: LandedDay) -> dict[Path, tuple[object, ...]]:
    """Names and types of the columns of each folder's events, as DuckDB reads them.

    Raises:
        InputError: a file is missing or damaged.
    """
    found: dict[Path, tuple[object, ...]] = {}
    with duckdb.connect() as connection:
        for folder in day.folders:
            query = f"describe from {files_of([folder], EVENTS)}"
            try:
                columns = connection.execute(query).fetchall()
            except duckdb.Error as error:
                raise InputError(
                    f"{folder.path / EVENTS} cannot be read: {error} Restore it; or remove its "
                    "folder and land its file again, if that still lies in the inbox."
                ) from error
            found[folder.path] = tuple(column[:2] for column in columns)
    return found


def _merge(day: LandedDay, groups: list[list[LandedFolder]]) -> Merge:
    folders = len(day.folders), len(groups)
    return Merge(day.source, day.path, folders, day.events, day.size())
