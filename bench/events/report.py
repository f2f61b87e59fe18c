"""Results as tables and pictures of docs/performance.md: no number there is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.events.homes import ROOT
from bench.page import rendered as page_with

Record = dict[str, Any]

RESULTS = ROOT / "bench/results/events.jsonl"
PAGE = ROOT / "docs/performance.md"
IDENTITY = ("experiment", "events", "history_days", "history_events", "selection", "memory_limit")
#: Events from which on a size counts for a target; smaller ones are dbt's own start.
LARGE = 5_000_000
#: History, in days, on which increments are judged, and the one that they are compared with.
HISTORY, LONG_HISTORY = 60, 240

TARGETS = {
    "dbt": ("through dbt, at most so many times the same SQL run plainly", 1.25),
    "rival": ("copies out, sessions, daily sums: at most so much of Polars", 0.6),
    "day": ("one new day on 60 days: at most so much of the full build", 0.05),
    "history": ("one new day on 240 days: at most so many times that on 60 days", 1.2),
    "nothing": ("nothing new: at most so many times an empty project as large", 1.5),
}


def read_results(path: Path = RESULTS) -> list[Record]:
    """All records, one a line; none where nothing was measured yet."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def key_of(record: Record) -> tuple[Any, ...]:
    """What a record is about: a newer one of the same takes its place."""
    # Events are met within a few per cent only.
    return tuple(
        round(value, -6) if "events" in name and (value := record.get(name)) else record.get(name)
        for name in IDENTITY
    )


def chosen(records: Iterable[Record], experiment: str) -> list[Record]:
    """The records of one experiment, small before large."""
    found = [record for record in records if record["experiment"] == experiment]
    return sorted(found, key=lambda record: record.get("events") or record.get("history_events", 0))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are figures."""
    marks = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, marks, *rows))


def millions(events: int) -> str:
    """Events in words."""
    return f"{events / 1e6:.1f} million" if events < 2e6 else f"{events / 1e6:.0f} million"


def size(count: float) -> str:
    """Bytes in words."""
    return (
        f"{count / 1e9:.2f} GB"
        if count >= 1e7
        else "none"
        if count == 0
        else f"{count / 1e6:.1f} MB"
    )


def seconds(cost: Record) -> str:
    """CPU seconds of a cost."""
    return f"{cost['cpu_s']:,.1f}"


def against(value: float, name: str) -> list[str]:
    """A measured ratio, the one that was aimed at, and the verdict."""
    limit = TARGETS[name][1]
    digits = 3 if limit < 0.1 else 2
    return [f"{value:.{digits}f}", f"{limit:g}", "met" if value <= limit else "**missed**"]


#: How an increment is run: as it is called in a record, and in words.
WAYS = {"dbt": "through dbt", "engine": "its statements plainly"}


def cost_of_day(record: Record, way: str) -> float:
    """CPU seconds of one new day on a history."""
    return float(record["batches"][0][way]["cpu_s"])


def day_size(record: Record) -> float:
    """Events of one day of a history."""
    return float(record["history_events"] / record["history_days"])


def same_days(one: Record, other: Record) -> bool:
    """Whether the days of two histories are of one size, as far as simulated days can be."""
    return abs(day_size(one) / day_size(other) - 1) < 0.1


def large_histories(records: Iterable[Record]) -> list[Record]:
    """Increments of a shop whose days are large enough to count for a target, short before long."""
    return [
        record for record in chosen(records, "increments") if day_size(record) >= LARGE / HISTORY
    ]


def targets(records: Sequence[Record]) -> str:
    """Every target with what was measured at the sizes that it speaks of, or that nothing was."""
    found: dict[str, list[tuple[str, float]]] = {name: [] for name in TARGETS}
    for record in chosen(records, "full"):
        if record["events"] >= LARGE:
            value = record["dbt"]["cpu_s"] / record["plain"]["cpu_s"]
            found["dbt"].append((millions(record["events"]), value))
    for record in chosen(records, "rivals"):
        if record["events"] >= LARGE:
            value = record["ratios"]["Polars, in memory"]
            found["rival"].append((millions(record["events"]), value))
    histories = large_histories(records)
    for record in histories:
        if record["history_days"] != HISTORY:
            continue
        for way, words in WAYS.items():
            value = cost_of_day(record, way) / record["full"]["cpu_s"]
            found["day"].append((f"{words}, {millions(record['history_events'])}", value))
        for long in histories:
            if long["history_days"] == LONG_HISTORY and same_days(record, long):
                found["history"] += [
                    (words, cost_of_day(long, way) / cost_of_day(record, way))
                    for way, words in WAYS.items()
                ]
    for record in chosen(records, "nothing new"):
        found["nothing"].append((record["selection"], record["ratio"]))
    rows = []
    for name, (words, limit) in TARGETS.items():
        for what, value in found[name]:
            rows.append([f"{words} ({what})", *against(value, name)])
        if not found[name]:
            rows.append([words, "", f"{limit:g}", "not measured yet"])
    return table(["target", "measured", "aim", "verdict"], rows)


def full(records: Sequence[Record]) -> str:
    """Full builds: dbt, plain, floor, memory, spill, bytes."""
    return table(
        [
            "events",
            "through dbt, CPU s",
            "same SQL plainly, CPU s",
            "dbt / plain",
            "floor, CPU s",
            "plain / floor",
            "wall s",
            "peak memory",
            "spill",
            "landed",
            "warehouse",
        ],
        [
            [
                millions(record["events"]),
                seconds(record["dbt"]),
                seconds(record["plain"]),
                f"{record['dbt']['cpu_s'] / record['plain']['cpu_s']:.2f}",
                seconds(record["floor"]),
                f"{record['plain']['cpu_s'] / record['floor']['cpu_s']:.1f}",
                f"{record['dbt']['wall_s']:,.0f}",
                size(record["dbt"]["peak_bytes"]),
                size(record["dbt"]["spill_bytes"]),
                size(record["landed_bytes"]),
                size(record["warehouse_bytes"]),
            ]
            for record in chosen(records, "full")
        ],
    )


def by_statement(records: Sequence[Record]) -> str:
    """Where the time of the plain statements goes, and the floor's parts."""
    found = chosen(records, "full")
    names = dict.fromkeys(
        name
        for record in found
        for name, spent in record["by_statement_cpu_s"].items()
        if spent / record["plain"]["cpu_s"] >= 0.005
    )
    rows = [
        [f"`{name}`", *[f"{each['by_statement_cpu_s'][name]:,.1f}" for each in found]]
        for name in names
    ]
    rows += [
        [f"floor: {name}", *[f"{each['floor_cpu_s'][name]:,.1f}" for each in found]]
        for name in ("scan", "aggregate", "sort")
    ]
    return table(["CPU s", *[millions(record["events"]) for record in found]], rows)


def rivals(records: Sequence[Record]) -> str:
    """The same job in other ways."""
    rows = []
    for record in chosen(records, "rivals"):
        for name, cost in record["costs"].items():
            ratio = record["ratios"].get(name)
            rows.append(
                [
                    f"{name}, {millions(record['events'])}",
                    seconds(cost),
                    f"{cost['wall_s']:,.1f}",
                    size(cost["peak_bytes"]),
                    "" if ratio is None else f"{ratio:.2f}",
                ]
            )
    return table(["way", "CPU s", "wall s", "peak memory", "our models / it (CPU)"], rows)


def increments(records: Sequence[Record]) -> str:
    """Days on top of a history."""
    rows = []
    for record in chosen(records, "increments"):
        for batch in record["batches"]:
            rows.append(
                [
                    f"{record['history_days']} days, {millions(record['history_events'])}",
                    f"{batch['new_events']:,}",
                    seconds(record["full"]),
                    seconds(record["nothing_new"]),
                    seconds(batch["dbt"]),
                    f"{batch['dbt']['cpu_s'] / record['full']['cpu_s']:.3f}",
                    seconds(batch["engine"]),
                    f"{batch['engine']['cpu_s'] / record['full']['cpu_s']:.3f}",
                    size(batch["dbt"]["peak_bytes"]),
                ]
            )
    return table(
        [
            "history",
            "new events",
            "full build, CPU s",
            "nothing new, CPU s",
            "increment through dbt, CPU s",
            "of full",
            "its statements plainly, CPU s",
            "of full",
            "peak memory",
        ],
        rows,
    )


def nothing(records: Sequence[Record]) -> str:
    """``dbt build`` with nothing new beside an empty project."""
    rows = [
        [
            record["selection"],
            f"{record['models']}",
            f"{record['tests']}",
            seconds(record["ours"]),
            seconds(record["empty"]),
            f"{record['ratio']:.2f}",
        ]
        for record in chosen(records, "nothing new")
    ]
    return table(["of", "models", "tests", "ours, CPU s", "empty, CPU s", "ours / empty"], rows)


def impressions(records: Sequence[Record]) -> str:
    """The layer that is measured apart."""
    rows = [
        [
            millions(record["events"]),
            f"{record['impressions']:,}",
            seconds(record["dbt"]),
            size(record["dbt"]["peak_bytes"]),
            size(record["dbt"]["spill_bytes"]),
        ]
        for record in chosen(records, "impressions")
    ]
    return table(["events", "impressions", "through dbt, CPU s", "peak memory", "spill"], rows)


def comparable(records: Iterable[Record]) -> list[Record]:
    """Histories that differ in their length alone: those whose days are of the smallest size."""
    found = large_histories(records)
    return [record for record in found if same_days(record, found[0])]


def pictures(records: Sequence[Record]) -> str:
    """The pictures that there is enough measured for."""
    found = comparable(records)
    shown = []
    if len(found) > 1:
        shown.append("![Cost against history](images/cost_history.png)")
    if any(len(record["batches"]) > 1 for record in found):
        shown.append("![Cost against new rows](images/cost_new_rows.png)")
    return "\n\n".join(shown) or "Pictures need more than one history and one batch."


TABLES: dict[str, Callable[[Sequence[Record]], str]] = {
    "targets": targets,
    "full": full,
    "by statement": by_statement,
    "rivals": rivals,
    "increments": increments,
    "pictures": pictures,
    "nothing": nothing,
    "impressions": impressions,
}


def rendered(page: str, records: Sequence[Record]) -> str:
    """The page with every table between its marks made anew.

    Raises:
        ValueError: the page has no place for a table.
    """
    return page_with(page, PAGE.name, TABLES, records)
