"""Runs and comparisons for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trasos.model_runs.compare import Comparison, Difference
from trasos.model_runs.objective import Objective
from trasos.model_runs.records import Kept


def runs_tables(runs: Sequence[Kept], objective: Objective | None = None) -> Group:
    """Runs on the same days of the same data together, one line each.

    Args:
        runs: in the order of the lines.
        objective: the figure; each run's own where none is given.
    """
    groups: dict[tuple[str, ...], list[Kept]] = {}
    for kept in runs:
        run, wanted = kept.run, objective or kept.run.objective
        days = f"{run.held_out} days of {run.data_snapshot}, code {run.code_version}"
        key = run.experiment, days, wanted.label, wanted.slice
        groups.setdefault(key, []).append(kept)
    return Group(*(_runs_table(key, group, objective) for key, group in groups.items()))


def _runs_table(key: tuple[str, ...], runs: Sequence[Kept], objective: Objective | None) -> Table:
    experiment, days, label, slice_name = key
    persons = {row["n_persons"] for kept in runs if (row := kept.figure(objective))}
    n_persons = f"{min(persons):,} persons" if persons else "persons"
    title = f"{experiment}: {label.upper()}, {n_persons} '{slice_name}', {days}"
    table = Table(
        title=escape(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    table.add_column("run", no_wrap=True)
    for head in ("figure", "interval", "CPU s", "MB"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("changed, or why it failed")
    for kept in runs:
        run, row = kept.run, kept.figure(objective)
        has_interval = row is not None and row["ci_low"] is not None
        table.add_row(
            run.run_id,
            "failed" if row is None else f"{row['value']:.4f}",
            escape(_interval(row["ci_low"], row["ci_high"])) if row and has_interval else "",
            "" if run.cpu_seconds is None else f"{run.cpu_seconds:,.1f}",
            "" if run.peak_memory_bytes is None else f"{run.peak_memory_bytes / 1e6:,.0f}",
            escape(run.error or changed(kept)),
        )
    return table


def changed(kept: Kept) -> str:
    """What a run changed of its base, in words."""
    if not kept.run.changed:
        return "nothing: the base"
    return ", ".join(f"{name} {_plain(value)}" for name, value in sorted(kept.run.changed.items()))


def comparison_tables(comparison: Comparison) -> Group:
    """A table a slice, that of the objective first; shown differences are bold."""
    own = comparison.ours.objective.slice
    by_slice: dict[str, list[Difference]] = {own: []}
    for each in comparison.differences:
        by_slice.setdefault(each.slice, []).append(each)
    n_intervals = sum(each.low is not None for each in comparison.differences)
    by_chance = n_intervals * (1 - comparison.confidence)
    note = (
        f"Of {n_intervals} intervals about {by_chance:.0f} leave out zero where nothing differs: "
        "what was not asked for beforehand is a hint, no finding."
    )
    words = "\n".join(comparison.words)
    tables = [_slice_table(comparison, name, rows) for name, rows in by_slice.items()]
    return Group(*tables, Text(words, style="italic"), Text(), Text(note, style="dim"))


def _slice_table(comparison: Comparison, name: str, rows: Sequence[Difference]) -> Table:
    title = f"{rows[0].n_persons:,} persons of the slice '{name}'"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("metric", no_wrap=True)
    ours, theirs = comparison.ours.run_id, comparison.theirs.run_id
    for head in (ours, theirs, "difference"):
        table.add_column(head, justify="right", overflow="fold")
    table.add_column(f"{comparison.confidence:.0%} interval", justify="right", no_wrap=True)
    for each in rows:
        table.add_row(*map(escape, _cells(each)), style="bold" if each.is_shown else "")
    return table


def _cells(each: Difference) -> list[str]:
    interval = "" if each.low is None or each.high is None else _interval(each.low, each.high, "+")
    return [
        each.metric,
        f"{each.ours:.4f}",
        f"{each.theirs:.4f}",
        f"{each.value:+.4f}",
        interval,
    ]


def _interval(low: float, high: float, sign: str = "") -> str:
    return f"[{low:{sign}.4f}, {high:{sign}.4f}]"


def _plain(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
