"""What may go by its age: days of landing, dead letters, files of the inbox that are landed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml
from rich import box
from rich.markup import escape
from rich.table import Table

from trasos.errors import ConfigurationError, InputError
from trasos.landing.discovery import scan
from trasos.landing.ledger import Ledger, only_lander, utc_now
from trasos.landing.reading import sha256_of
from trasos.settings import Settings
from trasos.storage.compaction import Progress, groups_of
from trasos.storage.days import EVENTS, LETTERS, LandedDay, landed_days
from trasos.storage.guard import no_build
from trasos.storage.rewriting import rewrite_day
from trasos.storage.sizes import human

#: The layers of the var, and their names for people.
LAYERS = {"inbox": "inbox", "landing": "landing events", "dead_letters": "dead letters"}
CONSEQUENCE = (
    "Rows of these days that are in the warehouse stay there, but `dbt build --full-refresh` can "
    "no longer rebuild them."
)


@dataclass(frozen=True)
class RetentionDays:
    """How many days each layer is kept; None is for ever.

    Attributes:
        inbox: days after the last change of an event file that is landed.
        landing: days after the load day of events.
        dead_letters: days after the load day of dead letters.
    """

    inbox: int | None = None
    landing: int | None = None
    dead_letters: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no number of days.

        Raises:
            ConfigurationError: a value is neither None nor a whole number from 1 up.
        """
        for layer in LAYERS:
            days = getattr(self, layer)
            if days is not None and (type(days) is not int or days < 1):
                raise ConfigurationError(
                    f"retention_days.{layer} is {days!r}: give a whole number of days from 1 up, "
                    "or null to keep everything."
                )


def retention_days(vars_file: Path) -> RetentionDays:
    """Read the var ``retention_days`` of dbt's ``vars.yml``.

    Raises:
        ConfigurationError: the file cannot be read, lacks the var, or it holds something else.
    """
    try:
        found: Any = yaml.safe_load(vars_file.read_text(encoding="utf-8"))["vars"]["retention_days"]
        return RetentionDays(**found)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"The var retention_days cannot be read from {vars_file.resolve()} ({error!r}). Call "
            f"this at the root of the project; the var holds {', '.join(LAYERS)}, in days or null."
        ) from error


@dataclass(frozen=True)
class Item:
    """A day of landing, or a file of the inbox, that is past its time.

    Attributes:
        layer: one of ``LAYERS``.
        source: name of the source.
        day: its load day, or the day of its last change.
        rows: rows; 0 for a file of the inbox.
        size: bytes.
        kept: why it stays all the same; empty where it goes.
    """

    layer: str
    source: str
    day: date
    rows: int
    size: int
    kept: str = ""


@dataclass
class RetentionReport:
    """What went, or would go.

    Attributes:
        days: how long each layer is kept.
        applied: whether it was done.
        items: what is past its time.
    """

    days: RetentionDays
    applied: bool
    items: list[Item] = field(default_factory=list)

    def table(self) -> Table:
        """Lay out for a terminal what goes: one row for each layer and source."""
        title = "Removed" if self.applied else "Would be removed (dry run)"
        table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for head in ("layer", "kept for", "source", "oldest", "what", "rows", "bytes"):
            table.add_column(
                head, justify="right" if head in ("rows", "bytes") else "left", no_wrap=True
            )
        for layer, name in LAYERS.items():
            limit = getattr(self.days, layer)
            keep = "ever" if limit is None else f"{limit:,} days"
            for source, chosen in _by_source(one for one in self.going if one.layer == layer):
                oldest = min(one.day for one in chosen).isoformat()
                rows = "" if layer == "inbox" else f"{sum(one.rows for one in chosen):,}"
                size = human(sum(one.size for one in chosen))
                table.add_row(name, keep, escape(source), oldest, _many(chosen), rows, size)
            if not any(one.layer == layer for one in self.going):
                table.add_row(name, keep, "", "", "nothing", "", "")
        return table

    @property
    def going(self) -> list[Item]:
        """What goes, or went."""
        return [one for one in self.items if not one.kept]

    @property
    def summary(self) -> str:
        """What stays though it is past its time, what follows, and what to do; a line each."""
        lines = []
        for layer, name in LAYERS.items():
            kept = [one for one in self.items if one.layer == layer and one.kept]
            for reason in sorted({one.kept for one in kept}):
                for source, chosen in _by_source(one for one in kept if one.kept == reason):
                    oldest = min(one.day for one in chosen).isoformat()
                    many = f"{_many(chosen)} of {source}, the oldest of {oldest}"
                    lines.append(f"Stays in {name}: {many}: {reason}.")
        if any(one.layer == "landing" for one in self.going):
            lines.append(CONSEQUENCE)
        if not self.going:
            lines.append("Nothing is to be removed.")
        elif not self.applied:
            lines.append("Nothing was changed: give --apply to do it.")
        return "\n".join(lines)


def _by_source(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.source, []).append(item)
    return sorted(found.items())


def _many(items: Sequence[Item]) -> str:
    noun = "file" if items[0].layer == "inbox" else "day"
    return f"{len(items):,} {noun}{'s' if len(items) > 1 else ''}"


def retain(
    settings: Settings,
    days: RetentionDays,
    apply: bool = False,
    force: bool = False,
    today: date | None = None,
    progress: Progress | None = None,
) -> RetentionReport:
    """Remove what is older than its layer keeps: whole load days, and landed files of the inbox.

    A removed day keeps its manifests, with the counts of what came in and what was removed
    (``retired_events``, ``retired_dead_letters``), and event files without a row. So the ledger
    knows its files as before, and ``rpt_event_conservation`` can still add up.

    Events go only once the warehouse has judged every row of their day. A file of the inbox goes
    only if its very content is in the ledger; tables stay.

    Args:
        settings: where things lie.
        days: how long each layer is kept.
        apply: do it; otherwise only say what would be done, and change nothing.
        force: remove events also where the warehouse does not have them, or is not there.
        today: the day to count ages from, UTC; the machine's if not given.
        progress: called before each day that is written anew, and never for the inbox.

    Raises:
        InputError: a landed batch is damaged. What came before it is done.
        NotReadyError: another process is landing, or a build is running.
    """
    report = RetentionReport(days, apply)
    if not settings.landing.is_dir():
        return report  # nothing is landed, so no file of the inbox can have been
    now = today or utc_now().date()
    if not apply:
        report.items += [item for _, item in _due_files(settings, days.inbox, now)]
        report.items += [item for due in _due_days(settings, days, force, now) for item in due[1]]
        return report
    with only_lander(settings.landing) as workshop:
        due_days = list(_due_days(settings, days, force, now))
        for path, item in _due_files(settings, days.inbox, now):
            if not item.kept:
                path.unlink()
            report.items.append(item)
        for done, (day, items) in enumerate(due_days):
            if progress:
                progress(f"{day.source} {day.day}", done, len(due_days))
            _empty(day, {item.layer for item in items if not item.kept}, workshop, settings)
            report.items += items
    return report


def _empty(day: LandedDay, layers: set[str], workshop: Path, settings: Settings) -> None:
    """Take the rows of some layers out of a day."""
    if not layers:
        return
    # Without its events a day needs but one folder a shape; with them, each keeps its very file.
    groups = groups_of(day, large=None) if "landing" in layers else None
    rewrite_day(
        day,
        workshop,
        settings.warehouse,
        groups,
        events=_nothing if "landing" in layers else None,
        letters=_nothing if "dead_letters" in layers else None,
    )


def _nothing(rows: str) -> str:
    return f"select * from {rows} where false"


def _due_days(
    settings: Settings, days: RetentionDays, force: bool, now: date
) -> Iterator[tuple[LandedDay, list[Item]]]:
    """Yield the load days of which something is past its time, and what that is."""
    judged = None if force or days.landing is None else _judged(settings.warehouse)
    for day in landed_days(settings.landing):
        age, items = (now - day.day).days, []
        if day.events and _is_past(age, days.landing):
            kept = "" if judged is None else _why_kept(day, judged)
            size = day.size(EVENTS)
            items.append(Item("landing", day.source, day.day, day.events, size, kept))
        if day.letters and _is_past(age, days.dead_letters):
            size = day.size(LETTERS)
            items.append(Item("dead_letters", day.source, day.day, day.letters, size))
        if items:
            yield day, items


def _is_past(age: int, limit: int | None) -> bool:
    return limit is not None and age > limit


def _judged(warehouse: Path) -> Counter[tuple[str, date]]:
    """Count the rows that the warehouse has a verdict on, by source and load day.

    Raises:
        NotReadyError: a build is running.
    """
    with no_build(warehouse) as connection:
        if connection is None:
            return Counter()
        try:
            rows = connection.execute(
                "select source, cast(loaded_at as date) as load_date, count(*) "
                "from int_events_judged group by source, load_date"
            ).fetchall()
        except duckdb.CatalogException:
            return Counter()  # a warehouse that has judged nothing yet
    return Counter({(source, day): count for source, day, count in rows})


def _why_kept(day: LandedDay, judged: Counter[tuple[str, date]]) -> str:
    """Say why the events of a day must stay; empty where they may go."""
    if not judged:
        return "nothing is built yet (build first, or give --force)"
    if judged[day.source, day.day] < day.events:
        return "the warehouse lacks rows of that (build first, or give --force)"
    return ""


def _due_files(settings: Settings, limit: int | None, now: date) -> Iterator[tuple[Path, Item]]:
    """Yield the event files of the inbox that are past their time, and whether they may go.

    Each is read to its end: only its content tells for certain that it was landed.
    """
    if limit is None:
        return
    for inbox in sorted(settings.inbox.glob("[!.]*/")):
        source = inbox.name
        ledger = Ledger(settings.landing / source / "events", utc_now)
        for file in scan(inbox).events:
            status = file.status()
            day = datetime.fromtimestamp(status.st_mtime, UTC).date()
            if not _is_past((now - day).days, limit):
                continue
            try:
                known = ledger.has_batch(sha256_of(file.path)[:16])
                kept = "" if known else "not landed"
                if file.status().st_mtime_ns != status.st_mtime_ns:
                    kept = "changed while it was read"
            except InputError as error:
                kept = str(error)
            yield file.path, Item("inbox", source, day, 0, status.st_size, kept)
