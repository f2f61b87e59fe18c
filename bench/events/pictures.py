"""Pictures of what was measured: cost against history, against new rows, and against size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from bench.events.homes import ROOT
from bench.events.report import (
    WAYS,
    Record,
    chosen,
    comparable,
    cost_of_day,
)

PICTURES = ROOT / "docs/images"


def draw(records: Sequence[Record], folder: Path = PICTURES) -> None:
    """Draw what there is enough measured for."""
    found = comparable(records)
    if len(found) > 1:
        _draw_history(found, folder)
    several = [record for record in found if len(record["batches"]) > 1]
    if several:
        _draw_batches(several[-1], folder)
    sizes = chosen(records, "full")
    if len(sizes) > 1:
        _draw_sizes(sizes, chosen(records, "increments"), folder)


def _draw_history(found: Sequence[Record], folder: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(6.4, 4), layout="constrained")
    history = [record["history_events"] / 1e6 for record in found]
    lines = {
        "full build": [record["full"]["cpu_s"] for record in found],
        "one new day through dbt": [cost_of_day(record, "dbt") for record in found],
        "nothing new through dbt": [record["nothing_new"]["cpu_s"] for record in found],
        "its statements plainly": [cost_of_day(record, "engine") for record in found],
    }
    for label, values in lines.items():
        axes.plot(history, values, marker="o", label=label)
    axes.set(xscale="log", yscale="log", xlabel="history, million events", ylabel="CPU seconds")
    axes.set_title("Cost against history")
    axes.legend()
    axes.grid(alpha=0.3, which="both")
    figure.savefig(folder / "cost_history.png", dpi=120)
    pyplot.close(figure)


def _draw_batches(record: Record, folder: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(6.4, 4), layout="constrained")
    batches = record["batches"]
    rows = [batch["new_events"] / 1e6 for batch in batches]
    for name, label in WAYS.items():
        axes.plot(rows, [batch[name]["cpu_s"] for batch in batches], marker="o", label=label)
    axes.set(xlabel="new events, millions", ylabel="CPU seconds", ylim=(0, None))
    axes.set_title(f"Cost against new rows, on {record['history_days']} days of history")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(folder / "cost_new_rows.png", dpi=120)
    pyplot.close(figure)


def _draw_sizes(full: Sequence[Record], days: Sequence[Record], folder: Path) -> None:
    """What one machine takes: minutes on the left, memory and disk on the right."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.6, 4), layout="constrained")
    events = [record["events"] / 1e6 for record in full]
    left.plot(
        events, [record["dbt"]["wall_s"] / 60 for record in full], marker="o", label="full build"
    )
    left.plot(
        [record["history_events"] / 1e6 for record in days],
        [record["batches"][0]["dbt"]["wall_s"] / 60 for record in days],
        marker="o",
        linestyle="none",
        label="one new day",
    )
    left.set(ylabel="minutes on the clock", title="Time")
    for label, values in {
        "peak memory": [record["dbt"]["peak_bytes"] for record in full],
        "spilled": [record["dbt"]["spill_bytes"] for record in full],
        "landed": [record["landed_bytes"] for record in full],
        "warehouse": [record["warehouse_bytes"] for record in full],
    }.items():
        right.plot(
            events, [value / 1e9 or float("nan") for value in values], marker="o", label=label
        )
    right.set(ylabel="GB", title="Memory and disk")
    for axes in (left, right):
        axes.set(xscale="log", yscale="log", xlabel="million events")
        axes.legend()
        axes.grid(alpha=0.3, which="both")
    figure.savefig(folder / "cost_size.png", dpi=120)
    pyplot.close(figure)
